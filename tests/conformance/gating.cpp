// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The contract of gating subscribers, for every storage.
#include <chrono>

#include "contract.hpp"

namespace ron::test {
namespace {

using std::chrono::nanoseconds;

class Gating : public testing::TestWithParam<Setup>, public Contract {
 protected:
  Gating() : Contract{GetParam()} {}

  /// So many are published where nobody is gating.
  static constexpr std::size_t kNoEnd = 1000;

  /// Publishes until Full; returns how many went through.
  std::size_t fill() {
    for (std::size_t count = 0; count < kNoEnd; ++count) {
      const Sent sent = outlet().try_publish(bus().published());
      if (!sent.result) {
        EXPECT_TRUE(sent.failed_with(PublishError::Full)) << sent;
        return count;
      }
    }
    return kNoEnd;
  }
};

INSTANTIATE_TEST_SUITE_P(All, Gating, testing::ValuesIn(all_setups()),
                         [](const auto& which) { return name_of(which.param); });

TEST_P(Gating, try_publish_is_full_exactly_when_the_slowest_gating_subscriber_is_a_lap_behind) {
  for (const std::size_t capacity : {2U, 4U, 64U}) {
    SCOPED_TRACE(testing::Message() << "capacity " << capacity);
    open(capacity);
    const auto quick = subscribe_gating();
    const auto slow = subscribe_gating();
    ASSERT_EQ(fill(), capacity);
    ASSERT_EQ(quick->drain(Way::Poll), messages(0, capacity));
    ASSERT_EQ(fill(), 0U) << "the slow one has read nothing";
    for (Id id = 0; id < 5 * capacity; ++id) {
      ASSERT_EQ(slow->receive_one(Way::Poll), message(id));
      ASSERT_EQ(fill(), 1U);
      ASSERT_EQ(quick->drain(Way::Poll), messages(id + capacity, id + capacity + 1));
    }
    EXPECT_EQ(slow->missed() + quick->missed(), 0U);
  }
}

TEST_P(Gating, a_batch_goes_as_far_as_there_is_room) {
  for (const std::size_t size : {5U, 6U}) {
    open(4);
    const auto gating = subscribe_gating();
    std::vector<Id> batch;
    for (Id id = 0; id < size; ++id) batch.push_back(id);
    const Sent first = outlet().try_publish_many(batch);
    EXPECT_EQ(first.result, 4U) << first;
    EXPECT_TRUE(first.kept);
    const Sent none = outlet().try_publish_many(batch);
    EXPECT_TRUE(none.failed_with(PublishError::Full)) << none;
    EXPECT_EQ(gating->receive_one(Way::Poll), message(0));
    EXPECT_EQ(outlet().try_publish_many(std::vector<Id>{4, 5}).result, 1U);
    EXPECT_EQ(outlet().try_publish_many({}).result, 0U);
    EXPECT_EQ(gating->drain(Way::Poll), messages(1, 5));
    const Sent timeout = outlet().publish_many_wait(batch, nanoseconds{0}, {});
    EXPECT_EQ(timeout.result, 4U) << timeout;
    EXPECT_TRUE(timeout.kept);
    const Sent nothing = outlet().publish_many_wait(batch, nanoseconds{0}, {});
    EXPECT_TRUE(nothing.failed_with(PublishError::Timeout)) << nothing;
    bus().close();
    const Sent closed = outlet().try_publish_many(batch);
    EXPECT_TRUE(closed.failed_with(PublishError::Closed)) << closed;
    const Sent waited = outlet().publish_many_wait(batch, {}, {});
    EXPECT_TRUE(waited.failed_with(PublishError::Closed)) << waited;
    EXPECT_EQ(bus().published(), 9U);
  }
}

TEST_P(Gating, every_way_of_receiving_makes_room) {
  open(4);
  const auto subscriber = subscribe_gating();
  for (const Way way : kAllWays) {
    if (!supports(setup().storage, way)) continue;
    fill();
    ASSERT_EQ(subscriber->receive_one(way).kind, Got::Message);
    ASSERT_EQ(fill(), 1U) << name_of(way);
  }
  EXPECT_EQ(subscriber->missed(), 0U);
}

TEST_P(Gating, without_gating_subscribers_nothing_is_ever_full) {
  open(4);
  const auto lossy = subscribe();
  for (Id id = 0; id < 50; ++id) {
    ASSERT_EQ(outlet().try_publish(id).result, 1U);
    ASSERT_EQ(outlet().publish_wait(id, nanoseconds{0}, {}).result, 1U);
  }
  EXPECT_EQ(lossy->receive_one(Way::Poll), lagged(96));
}

TEST_P(Gating, lossy_subscribers_lag_as_always_beside_a_gating_one) {
  open(4);
  const auto lossy = subscribe();
  const auto gating = subscribe_gating();
  std::vector<Got> received;
  for (Id id = 0; id < 21; ++id) {
    ASSERT_TRUE(outlet().try_publish(id).result);
    received.push_back(gating->receive_one(Way::Poll));
  }
  EXPECT_EQ(received, messages(0, 21));
  EXPECT_EQ(lossy->drain(Way::Poll), std::vector{lagged(17)} + messages(17, 21));
}

TEST_P(Gating, plain_publish_overruns_a_gating_subscriber_which_is_told_so) {
  open(4);
  const auto gating = subscribe_gating();
  publish(11);
  EXPECT_EQ(fill(), 0U);
  EXPECT_EQ(gating->receive_one(Way::Poll), lagged(7));
  EXPECT_EQ(fill(), 0U) << "it has not read any of the 4 that are retained";
  EXPECT_EQ(gating->drain(Way::Poll), messages(7, 11));
  EXPECT_EQ(fill(), 4U);
}

TEST_P(Gating, a_gating_subscriber_that_comes_late_is_respected_from_where_it_starts) {
  for (Id before = 0; before <= 13; ++before) {
    open(4);
    for (Id id = 0; id < before; ++id) ASSERT_TRUE(outlet().try_publish(id).result);
    const auto gating = subscribe_gating();
    ASSERT_EQ(fill(), 4U);
    ASSERT_EQ(gating->drain(Way::Poll), messages(before, before + 4));
  }
}

TEST_P(Gating, a_gating_subscriber_that_goes_makes_room) {
  open(2);
  auto first = subscribe_gating();
  ASSERT_EQ(fill(), 2U);
  auto second = subscribe_gating();
  ASSERT_EQ(fill(), 0U);
  first.reset();
  ASSERT_EQ(fill(), 2U);
  second.reset();
  EXPECT_EQ(fill(), kNoEnd) << "nobody is gating any more";
  const auto third = subscribe_gating();
  EXPECT_EQ(fill(), 2U);
}

TEST_P(Gating, resubscribe_gives_a_gating_subscriber) {
  open(4);
  const auto first = subscribe_gating();
  ASSERT_TRUE(first->is_gating());
  const auto second = first->resubscribe();
  ASSERT_TRUE(second->is_gating());
  ASSERT_EQ(fill(), 4U);
  ASSERT_EQ(first->drain(Way::Poll), messages(0, 4));
  EXPECT_EQ(fill(), 0U);
}

TEST_P(Gating, publish_wait_gives_up_at_the_deadline_and_the_message_keeps_its_value) {
  open(4);
  const auto gating = subscribe_gating();
  fill();
  for (const Id id : {100U, 101U}) {
    const Sent at_once = outlet().publish_wait(id, nanoseconds{0}, {});
    EXPECT_TRUE(at_once.failed_with(PublishError::Timeout)) << at_once;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{2};
    const Sent later = outlet().publish_wait(id, deadline, {});
    EXPECT_TRUE(later.failed_with(PublishError::Timeout)) << later;
    EXPECT_GE(std::chrono::steady_clock::now(), deadline);
  }
  EXPECT_EQ(gating->drain(Way::Poll), messages(0, 4));
  EXPECT_TRUE(outlet().publish_wait(4, nanoseconds{0}, {}).result);
  EXPECT_EQ(gating->drain(Way::Poll), messages(4, 5));
}

TEST_P(Gating, publish_wait_gives_up_when_a_stop_is_requested_and_the_message_keeps_its_value) {
  open(2);
  const auto gating = subscribe_gating();
  fill();
  std::stop_source source;
  source.request_stop();
  for (const Id id : {100U, 101U}) {
    const Sent sent = outlet().publish_wait(id, {}, source.get_token());
    EXPECT_TRUE(sent.failed_with(PublishError::Stopped)) << sent;
  }
}

TEST_P(Gating, a_full_bus_that_is_closed_answers_closed) {
  open(4);
  const auto gating = subscribe_gating();
  fill();
  bus().close();
  for (const Id id : {100U, 101U}) {
    const Sent tried = outlet().try_publish(id);
    EXPECT_TRUE(tried.failed_with(PublishError::Closed)) << tried;
    const Sent waited = outlet().publish_wait(id, {}, {});
    EXPECT_TRUE(waited.failed_with(PublishError::Closed)) << waited;
  }
  EXPECT_EQ(gating->drain(Way::Poll), messages(0, 4) + std::vector{kClosed});
}

TEST_P(Gating, only_publishers_that_respect_the_gate_are_held_up_by_it) {
  open(4);
  const auto gating = subscribe_gating();
  ASSERT_EQ(fill(), 4U);
  EXPECT_EQ(publish(1), 1U);
  EXPECT_EQ(gating->drain(Way::Poll), std::vector{lagged(1)} + messages(1, 5));
}

}  // namespace
}  // namespace ron::test
