// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The contract of the batched modes, for every storage: what is staged, for how long, and that none
// of it is lost.
#include <tuple>

#include "contract.hpp"

namespace ron::test {
namespace {

constexpr std::size_t kBound = 4;

class Staging : public testing::TestWithParam<std::tuple<Storage, BusMode>> {
 protected:
  void SetUp() override {
    const auto [storage, mode] = GetParam();
    open({.storage = storage, .capacity = 64, .mode = mode, .flush_threshold = kBound});
  }
  void open(const BusSpec& spec) {
    publisher_.reset();
    bus_ = make_bus(spec);
    subscriber_ = bus_->subscribe(false);
    publisher_ = std::move(bus_->publisher().value());
  }

  std::vector<Got> receive() { return subscriber_->drain(Way::Poll); }
  /// Messages [from, to), one by one.
  void publish(Id from, Id to) {
    for (Id id = from; id < to; ++id) {
      EXPECT_EQ(id % 2 == 0 ? publisher_->publish(id) : publisher_->emplace(id),
                bus_->subscriber_count());
    }
  }

  std::unique_ptr<AnyBus> bus_;
  std::unique_ptr<AnySubscriber> subscriber_;
  std::unique_ptr<AnyOutlet> publisher_;
};

INSTANTIATE_TEST_SUITE_P(All, Staging,
                         testing::Combine(testing::ValuesIn(kAllStorages),
                                          testing::Values(BusMode::Batched, BusMode::EdgeBatched)),
                         [](const auto& which) {
                           return name_of(std::get<0>(which.param)) + "_" +
                                  name_of(std::get<1>(which.param));
                         });

TEST_P(Staging, messages_are_staged_until_there_are_as_many_as_the_bound) {
  for (Id id = 0; id < 3 * kBound; ++id) {
    EXPECT_EQ(publisher_->staged(), id % kBound);
    publish(id, id + 1);
    const Id visible = (id + 1) / kBound * kBound;
    EXPECT_EQ(bus_->published(), visible);
    EXPECT_EQ(subscriber_->lag() + subscriber_->received(), visible);
    if (id % 3 == 0) (void)receive();
  }
  EXPECT_EQ(subscriber_->missed(), 0U);
}

TEST_P(Staging, with_a_bound_of_1_nothing_is_ever_staged) {
  const auto [storage, mode] = GetParam();
  open({.storage = storage, .mode = mode, .flush_threshold = 1});
  for (Id id = 0; id < 9; ++id) {
    publish(id, id + 1);
    EXPECT_EQ(publisher_->staged(), 0U);
    EXPECT_EQ(receive(), Contract::messages(id, id + 1));
  }
}

TEST_P(Staging, flush_publishes_what_is_staged_and_says_how_many_that_was) {
  EXPECT_EQ(publisher_->flush(), 0U);
  Id next = 0;
  for (Id count = 0; count < kBound; ++count) {
    publish(next, next + count);
    EXPECT_EQ(receive(), std::vector<Got>{});
    EXPECT_EQ(publisher_->flush(), count);
    EXPECT_EQ(publisher_->staged(), 0U);
    EXPECT_EQ(receive(), Contract::messages(next, next + count));
    next += count;
  }
}

TEST_P(Staging, every_other_way_to_publish_sends_what_is_staged_before) {
  for (Id next = 0; next < 30; next += 13) {
    publish(next, next + 2);
    EXPECT_EQ(publisher_->publish_many(std::vector<Id>{next + 2, next + 3}), 1U);
    publish(next + 4, next + 5);
    EXPECT_EQ(publisher_->try_publish(next + 5).result, 1U);
    publish(next + 6, next + 7);
    EXPECT_EQ(publisher_->publish_wait(next + 7, {}, {}).result, 1U);
    publish(next + 8, next + 9);
    EXPECT_EQ(publisher_->try_publish_many(std::vector<Id>{next + 9, next + 10}).result, 2U);
    publish(next + 11, next + 12);
    EXPECT_EQ(publisher_->publish_many_wait(std::vector<Id>{next + 12}, {}, {}).result, 1U);
    EXPECT_EQ(publisher_->staged(), 0U);
    EXPECT_EQ(receive(), Contract::messages(next, next + 13));
  }
}

TEST_P(Staging, what_is_staged_goes_before_a_batch_that_finds_no_room) {
  const auto gating = bus_->subscribe(true);
  std::vector<Id> batch;
  for (Id id = 2; id < 100; ++id) batch.push_back(id);
  publish(0, 2);
  EXPECT_EQ(publisher_->try_publish_many(batch).result, 62U);
  publish(64, 66);
  EXPECT_TRUE(publisher_->try_publish(100).failed_with(PublishError::Full));
  EXPECT_EQ(receive(), std::vector{lagged(2)} + Contract::messages(2, 66));
  EXPECT_EQ(gating->receive_one(Way::Poll), lagged(2)) << "staged is plain publish: it overruns";
}

TEST_P(Staging, the_bus_itself_stages_nothing) {
  publisher_.reset();
  bus_->publish(0);
  EXPECT_EQ(receive(), Contract::messages(0, 1));
  bus_->emplace(1);
  EXPECT_EQ(receive(), Contract::messages(1, 2));
}

TEST_P(Staging, a_publisher_that_goes_leaves_nothing_behind) {
  publish(0, 3);
  publisher_.reset();
  EXPECT_EQ(receive(), Contract::messages(0, 3));
  EXPECT_EQ(bus_->refused(), 0U);
}

TEST_P(Staging, what_the_last_handle_has_staged_comes_before_the_end) {
  publish(0, 3);
  bus_.reset();
  EXPECT_EQ(receive(), std::vector<Got>{});
  publisher_.reset();
  EXPECT_EQ(receive(), Contract::messages(0, 3) + std::vector{kClosed});
}

TEST_P(Staging, what_is_staged_at_a_close_is_refused_and_counted_by_the_next_publish) {
  publish(0, kBound + 2);
  bus_->close();
  EXPECT_EQ(bus_->refused(), 0U);
  EXPECT_EQ(publisher_->publish(99), 0U);
  EXPECT_EQ(bus_->refused(), 3U);
  EXPECT_EQ(publisher_->staged(), 0U);
  EXPECT_EQ(publisher_->emplace(99), 0U);
  EXPECT_EQ(bus_->refused(), 4U);
  publisher_.reset();
  EXPECT_EQ(bus_->refused(), 4U);
  EXPECT_EQ(bus_->published(), kBound);
  EXPECT_EQ(receive(), Contract::messages(0, kBound) + std::vector{kClosed});
}

TEST_P(Staging, what_is_staged_at_a_close_is_refused_and_counted_by_a_flush) {
  publish(0, 3);
  bus_->close();
  EXPECT_EQ(publisher_->flush(), 0U);
  EXPECT_EQ(bus_->refused(), 3U);
}

TEST_P(Staging, what_is_staged_at_a_close_is_refused_and_counted_when_the_publisher_goes) {
  publish(0, 3);
  bus_->close();
  publisher_.reset();
  EXPECT_EQ(bus_->refused(), 3U);
  EXPECT_EQ(receive(), std::vector{kClosed});
}

TEST_P(Staging, what_is_staged_at_a_close_is_refused_before_other_ways_to_publish_are) {
  publish(0, 3);
  bus_->close();
  EXPECT_TRUE(publisher_->try_publish(3).failed_with(PublishError::Closed));
  EXPECT_EQ(bus_->refused(), 4U);
  EXPECT_EQ(publisher_->publish_many(std::vector<Id>{3, 4}), 0U);
  EXPECT_EQ(bus_->refused(), 6U);
}

TEST_P(Staging, a_publisher_made_after_the_close_only_refuses) {
  publisher_.reset();
  bus_->close();
  publisher_ = std::move(bus_->publisher().value());
  for (Id id = 0; id < 2 * kBound; ++id) EXPECT_EQ(publisher_->publish(id), 0U);
  EXPECT_EQ(bus_->refused(), 2 * kBound);
}

TEST_P(Staging, several_publishers_keep_each_the_order_of_their_own) {
  const auto [storage, mode] = GetParam();
  if (is_sole(storage)) return;
  const auto other = std::move(bus_->publisher().value());
  for (Id id = 0; id < 30; ++id) {
    publisher_->publish(id);
    other->publish(100 + id);
    if (id % 7 == 0) other->flush();
  }
  publisher_->flush(), other->flush();
  std::vector<Got> ours;
  std::vector<Got> others;
  for (const Got& got : receive()) (got.value < 100 ? ours : others).push_back(got);
  EXPECT_EQ(ours, Contract::messages(0, 30));
  EXPECT_EQ(others, Contract::messages(100, 130));
}

TEST_P(Staging, bursts_of_any_length_are_complete_with_a_yield_between_them) {
  const auto [storage, mode] = GetParam();
  for (const std::size_t burst : {1U, 3U, 4U, 9U}) {
    open({.storage = storage,
          .capacity = 64,
          .mode = mode,
          .flush_threshold = kBound,
          .yield_after = burst});
    publish(0, 31);
    EXPECT_EQ(receive(), Contract::messages(0, 28));
    EXPECT_EQ(publisher_->flush(), 3U);
    EXPECT_EQ(receive(), Contract::messages(28, 31));
  }
}

TEST_P(Staging, more_messages_than_the_ring_holds_are_missed_as_always) {
  const auto [storage, mode] = GetParam();
  open({.storage = storage, .capacity = 4, .mode = mode, .flush_threshold = 64});
  publish(0, 64);
  EXPECT_EQ(receive(), std::vector{lagged(60)} + Contract::messages(60, 64));
}

}  // namespace
}  // namespace ron::test
