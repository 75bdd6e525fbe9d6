// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The contract of receiving, for every storage, every way to publish and every way to receive.
#include "contract.hpp"

namespace ron::test {
namespace {

struct ReceivingCase {
  Setup setup;
  Way way;
};

void PrintTo(const ReceivingCase& which, std::ostream* out) {
  *out << name_of(which.setup) << "_" << name_of(which.way);
}

std::vector<ReceivingCase> receiving_cases() {
  std::vector<ReceivingCase> cases;
  for (const Setup& setup : all_setups()) {
    for (const Way way : kAllWays) {
      if (supports(setup.storage, way)) cases.push_back({setup, way});
    }
  }
  return cases;
}

class Receiving : public testing::TestWithParam<ReceivingCase>, public Contract {
 protected:
  Receiving() : Contract{GetParam().setup}, way_{GetParam().way} {}

  /// How a call that never waits says that there is nothing.
  [[nodiscard]] Got nothing() const {
    switch (way_) {
      case Way::TryRecv:
      case Way::TryRecvMany:
      case Way::TryVisit:
      case Way::Poll:
      case Way::TryBorrow:
        return kEmpty;
      case Way::Recv:
        return kStopped;
      default:
        return kTimeout;
    }
  }

  const Way way_;
};

INSTANTIATE_TEST_SUITE_P(All, Receiving, testing::ValuesIn(receiving_cases()),
                         [](const auto& which) {
                           return name_of(which.param.setup) + "_" + name_of(which.param.way);
                         });

TEST_P(Receiving, messages_arrive_in_the_order_in_which_they_were_published) {
  open(64);
  const auto subscriber = subscribe();
  publish(50);
  EXPECT_EQ(subscriber->drain(way_), messages(0, 50));
}

TEST_P(Receiving, nothing_there_is_said_in_the_words_of_the_call_and_moves_nothing) {
  open(4);
  const auto subscriber = subscribe();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(subscriber->receive_one(way_), nothing());
  publish(2);
  EXPECT_EQ(subscriber->drain(way_), messages(0, 2));
  EXPECT_EQ(subscriber->receive_one(way_), nothing());
  EXPECT_EQ(subscriber->next_sequence(), 2U);
}

TEST_P(Receiving, up_to_capacity_messages_nothing_is_missed) {
  for (const std::size_t capacity : {2U, 4U, 64U}) {
    open(capacity);
    const auto subscriber = subscribe();
    publish(capacity);
    EXPECT_EQ(subscriber->drain(way_), messages(0, capacity));
    publish(capacity);
    EXPECT_EQ(subscriber->drain(way_), messages(capacity, 2 * capacity));
    EXPECT_EQ(subscriber->missed(), 0U);
  }
}

TEST_P(Receiving, lagged_reports_exactly_what_was_missed_then_the_last_capacity_messages_follow) {
  for (const std::size_t capacity : {std::size_t{2}, std::size_t{4}, scaled(64), scaled(256)}) {
    for (const std::size_t missed : {std::size_t{1}, std::size_t{2}, std::size_t{3}, capacity - 1,
                                     capacity, capacity + 1, 2 * capacity, 5 * capacity + 3}) {
      SCOPED_TRACE(testing::Message() << "capacity " << capacity << ", missed " << missed);
      open(capacity);
      const auto subscriber = subscribe();
      publish(capacity + missed);
      ASSERT_EQ(subscriber->lag(), capacity + missed);
      ASSERT_EQ(subscriber->receive_one(way_), lagged(missed));
      ASSERT_EQ(subscriber->next_sequence(), missed);
      ASSERT_EQ(subscriber->drain(way_), messages(missed, missed + capacity));
      ASSERT_EQ(subscriber->received(), capacity);
      ASSERT_EQ(subscriber->missed(), missed);
    }
  }
}

TEST_P(Receiving, lag_is_told_before_the_batch_and_never_hides_in_one) {
  open(8);
  const auto subscriber = subscribe();
  publish(3);
  std::vector<Got> out;
  subscriber->receive(way_, 2, out);
  publish(20);
  const std::uint64_t read = out.size();
  const std::uint64_t missed = 15 - read;
  EXPECT_EQ(out + subscriber->drain(way_, 100),
            messages(0, read) + std::vector{lagged(missed)} + messages(15, 23));
}

TEST_P(Receiving, lag_after_lag_is_told_separately_and_adds_up) {
  open(4);
  const auto subscriber = subscribe();
  publish(7);
  ASSERT_EQ(subscriber->receive_one(way_), lagged(3));
  publish(5);
  ASSERT_EQ(subscriber->receive_one(way_), lagged(5));
  publish(1);
  ASSERT_EQ(subscriber->receive_one(way_), lagged(1));
  EXPECT_EQ(subscriber->drain(way_), messages(9, 13));
  EXPECT_EQ(subscriber->missed(), 9U);
  EXPECT_EQ(subscriber->received(), 4U);
}

TEST_P(Receiving, a_subscriber_that_keeps_up_reads_over_many_laps_without_loss) {
  for (const std::size_t capacity : {2U, 8U, 16U}) {
    open(capacity);
    const auto subscriber = subscribe();
    for (Id id = 0; id < 12 * capacity + 5; ++id) {
      publish();
      ASSERT_EQ(subscriber->receive_one(way_), message(id)) << "capacity " << capacity;
    }
    EXPECT_EQ(subscriber->lag(), 0U);
  }
}

TEST_P(Receiving, received_and_missed_add_up_to_published_at_any_pace) {
  open(8);
  publish(5);
  const auto subscriber = subscribe();
  const std::uint64_t start = bus().published();
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  Id expected = start;
  std::size_t step = 1;
  for (int round = 0; round < 200; ++round) {
    step = step * 5 % 23;
    publish(step);
    std::vector<Got> out;
    for (std::size_t i = 0; i < step % 4; ++i) subscriber->receive(way_, 1 + step % 3, out);
    for (const Got& got : out) {
      if (got.is_nothing()) continue;
      if (got.kind == Got::Lagged) {
        missed += got.value;
        expected += got.value;
      } else {
        ASSERT_EQ(got, message(expected));
        ++expected;
        ++received;
      }
    }
    ASSERT_EQ(subscriber->next_sequence(), expected);
    ASSERT_EQ(subscriber->received(), received);
    ASSERT_EQ(subscriber->missed(), missed);
    ASSERT_EQ(received + missed + subscriber->lag(), bus().published() - start);
  }
  EXPECT_GT(received, 0U);
  EXPECT_GT(missed, 0U);
}

TEST_P(Receiving, subscribers_start_at_the_newest_message_and_do_not_disturb_each_other) {
  open(16);
  publish(9);
  const auto early = subscribe();
  publish(4);
  const auto late = subscribe();
  EXPECT_EQ(late->receive_one(way_), nothing());
  EXPECT_EQ(late->next_sequence(), 13U);
  publish(3);
  EXPECT_EQ(late->drain(way_), messages(13, 16));
  publish(1);
  EXPECT_EQ(early->drain(way_), messages(9, 17));
  EXPECT_EQ(late->drain(way_), messages(16, 17));
}

TEST_P(Receiving, what_is_retained_can_be_read_after_close_then_closed_for_ever) {
  for (const std::size_t capacity : {2U, 4U, 64U}) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, capacity - 1, capacity}) {
      SCOPED_TRACE(testing::Message() << "capacity " << capacity << ", count " << count);
      open(capacity);
      const auto subscriber = subscribe();
      publish(count);
      bus().close();
      ASSERT_EQ(subscriber->drain(way_), messages(0, count) + std::vector{kClosed});
      for (int i = 0; i < 3; ++i) ASSERT_EQ(subscriber->receive_one(way_), kClosed);
      ASSERT_EQ(subscriber->next_sequence(), count);
    }
  }
}

TEST_P(Receiving, close_evicts_no_retained_message) {
  for (const std::size_t capacity : {2U, 4U, 64U}) {
    for (const std::size_t missed : {std::size_t{1}, capacity, 3 * capacity + 1}) {
      SCOPED_TRACE(testing::Message() << "capacity " << capacity << ", missed " << missed);
      open(capacity);
      const auto subscriber = subscribe();
      publish(capacity + missed);
      bus().close();
      publish(3);
      EXPECT_EQ(subscriber->lag(), capacity + missed);
      EXPECT_EQ(
          subscriber->drain(way_),
          std::vector{lagged(missed)} + messages(missed, missed + capacity) + std::vector{kClosed});
      EXPECT_EQ(subscriber->receive_one(way_), kClosed);
    }
  }
}

TEST_P(Receiving, a_closed_bus_answers_closed_to_whoever_subscribes) {
  open(4);
  const auto early = subscribe();
  publish(3);
  bus().close();
  const auto late = bus().subscribe(false);
  const auto again = early->resubscribe();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(late->receive_one(way_), kClosed);
    EXPECT_EQ(again->receive_one(way_), kClosed);
  }
  EXPECT_EQ(early->drain(way_), messages(0, 3) + std::vector{kClosed});
}

TEST_P(Receiving, what_is_retained_can_be_read_when_the_bus_is_gone) {
  open(4);
  const auto subscriber = subscribe();
  publish(6);
  drop_publishers();
  drop_bus();
  EXPECT_EQ(subscriber->drain(way_),
            std::vector{lagged(2)} + messages(2, 6) + std::vector{kClosed});
}

TEST_P(Receiving, any_split_into_batches_gives_the_same_messages) {
  for (std::size_t limit = 1; limit <= 20; ++limit) {
    open(64);
    const auto subscriber = subscribe();
    publish(61);
    ASSERT_EQ(subscriber->drain(way_, limit), messages(0, 61)) << "limit " << limit;
  }
}

}  // namespace
}  // namespace ron::test
