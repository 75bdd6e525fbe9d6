// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The contract of publishing, closing and of a bus's handles, for every storage.
#include <array>

#include "contract.hpp"

namespace ron::test {
namespace {

class Publishing : public testing::TestWithParam<Setup>, public Contract {
 protected:
  Publishing() : Contract{GetParam()} {}
};

INSTANTIATE_TEST_SUITE_P(All, Publishing, testing::ValuesIn(all_setups()),
                         [](const auto& which) { return name_of(which.param); });

TEST_P(Publishing, capacity_is_the_next_power_of_two_and_the_requested_one_stays_visible) {
  constexpr std::array<std::array<std::size_t, 2>, 12> kTable{{{0, 2},
                                                               {1, 2},
                                                               {2, 2},
                                                               {3, 4},
                                                               {4, 4},
                                                               {5, 8},
                                                               {63, 64},
                                                               {64, 64},
                                                               {65, 128},
                                                               {1000, 1024},
                                                               {65536, 65536},
                                                               {70000, 65536}}};
  for (const auto& [requested, effective] : kTable) {
    open(requested);
    EXPECT_EQ(bus().requested_capacity(), requested);
    EXPECT_EQ(bus().capacity(), effective);
    EXPECT_EQ(subscribe()->capacity(), effective);
  }
}

/// Size has nothing to do with fences or with who publishes.
class LargestRing : public testing::TestWithParam<Storage>, public Contract {
 protected:
  LargestRing() : Contract{{GetParam(), Via::OneHandle, FencePolicy::Auto, BusMode::Classic}} {}
};

INSTANTIATE_TEST_SUITE_P(All, LargestRing, testing::ValuesIn(kAllStorages),
                         [](const auto& which) { return name_of(which.param); });

TEST_P(LargestRing, holds_exactly_its_capacity) {
  open(65536);
  const auto subscriber = subscribe();
  const auto complete = subscribe();
  publish(65536);
  EXPECT_EQ(complete->drain(Way::Poll, 1000), messages(0, 65536));
  publish(3);
  EXPECT_EQ(subscriber->drain(Way::Poll, 1000), std::vector{lagged(3)} + messages(3, 65539));
}

TEST_P(Publishing, publish_returns_how_many_subscribers_the_message_covers) {
  open(4);
  for (const std::size_t count : {1U, 1U, 1U, 3U}) EXPECT_EQ(publish(count), 0U);
  auto first = subscribe();
  for (const std::size_t count : {1U, 1U, 1U, 3U}) EXPECT_EQ(publish(count), 1U);
  auto second = first->resubscribe();
  for (const std::size_t count : {1U, 1U, 1U, 3U}) EXPECT_EQ(publish(count), 2U);
  EXPECT_EQ(outlet().try_publish(24).result, 2U);
  EXPECT_EQ(outlet().publish_wait(25, {}, {}).result, 2U);
  EXPECT_EQ(bus().subscriber_count(), 2U);
  first.reset();
  for (const std::size_t count : {1U, 1U, 1U, 3U}) EXPECT_EQ(publish(count), 1U);
  second.reset();
  EXPECT_EQ(publish(), 0U);
  EXPECT_EQ(bus().subscriber_count(), 0U);
}

TEST_P(Publishing, messages_nobody_receives_are_published_all_the_same) {
  open(4);
  publish(11);
  EXPECT_EQ(bus().published(), 11U);
  EXPECT_EQ(bus().refused(), 0U);
}

TEST_P(Publishing, publish_many_keeps_the_order_of_the_batch_for_every_size_and_offset) {
  for (const std::size_t before : {0U, 1U, 2U, 5U, 6U, 7U}) {
    for (std::size_t size = 0; size <= 40; ++size) {
      open(64);
      const auto subscriber = subscribe();
      publish(before);
      std::vector<Id> batch;
      for (Id id = before; id < before + size; ++id) batch.push_back(id);
      ASSERT_EQ(outlet().publish_many(batch), 1U);
      ASSERT_EQ(subscriber->drain(Way::Poll), messages(0, before + size));
    }
  }
}

TEST_P(Publishing, a_batch_larger_than_the_ring_leaves_its_end) {
  open(8);
  const auto subscriber = subscribe();
  std::vector<Id> batch;
  for (Id id = 0; id < 100; ++id) batch.push_back(id);
  EXPECT_EQ(outlet().publish_many(batch), 1U);
  EXPECT_EQ(subscriber->drain(Way::Poll), std::vector{lagged(92)} + messages(92, 100));
}

TEST_P(Publishing, a_batch_that_yields_is_complete_and_in_order) {
  const auto yielding = make_bus({.storage = setup().storage,
                                  .capacity = 64,
                                  .fence = setup().fence,
                                  .mode = setup().mode,
                                  .yield_after = 4});
  const auto subscriber = yielding->subscribe(false);
  std::vector<Id> batch;
  for (Id id = 0; id < 30; ++id) batch.push_back(id);
  EXPECT_EQ(yielding->publish_many(batch), 1U);
  EXPECT_EQ(subscriber->drain(Way::Poll), messages(0, 30));
}

TEST_P(Publishing, after_close_every_publish_returns_0_and_is_counted_as_refused) {
  open(4);
  const auto subscriber = subscribe();
  publish(3);
  EXPECT_FALSE(bus().is_closed());
  bus().close();
  EXPECT_TRUE(bus().is_closed());

  EXPECT_EQ(outlet().publish(100), 0U);
  EXPECT_EQ(bus().refused(), 1U);
  EXPECT_EQ(outlet().emplace(101), 0U);
  EXPECT_EQ(bus().refused(), 2U);
  EXPECT_EQ(outlet().publish_many(std::vector<Id>{102, 103, 104, 105, 106}), 0U);
  EXPECT_EQ(bus().refused(), 7U);
  for (const Id id : {107U, 108U}) {
    const Sent tried = outlet().try_publish(id);
    EXPECT_TRUE(tried.failed_with(PublishError::Closed)) << tried;
    const Sent waited = outlet().publish_wait(id, {}, {});
    EXPECT_TRUE(waited.failed_with(PublishError::Closed)) << waited;
  }
  EXPECT_EQ(bus().refused(), 11U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(outlet().publish(200), 0U);
  EXPECT_EQ(bus().refused(), 31U);

  EXPECT_EQ(bus().published(), 3U);
  EXPECT_EQ(subscriber->drain(Way::Poll), messages(0, 3) + std::vector{kClosed});
}

TEST_P(Publishing, every_handle_refuses_after_close_also_one_made_afterwards) {
  open(4);
  const auto subscriber = subscribe();
  publish(9);
  bus().close();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(outlet().publish(50), 0U);
  drop_publishers();
  auto publisher = bus().publisher();
  ASSERT_TRUE(publisher.has_value());
  EXPECT_EQ((*publisher)->publish(51), 0U);
  EXPECT_EQ((*publisher)->publish_many(std::vector<Id>{52, 53, 54}), 0U);
  EXPECT_EQ(bus().refused(), 10U);
  EXPECT_EQ(bus().published(), 9U);
}

TEST_P(Publishing, close_is_idempotent) {
  open(2);
  const auto subscriber = subscribe();
  publish(2);
  for (int i = 0; i < 3; ++i) bus().close();
  EXPECT_EQ(subscriber->drain(Way::Poll), messages(0, 2) + std::vector{kClosed});
  for (int i = 0; i < 3; ++i) bus().close();
  EXPECT_EQ(subscriber->receive_one(Way::Poll), kClosed);
  EXPECT_EQ(bus().published(), 2U);
}

TEST_P(Publishing, close_works_at_every_position_of_the_ring) {
  for (std::size_t count = 0; count <= 40; ++count) {
    open(8);
    const auto subscriber = subscribe();
    publish(count);
    bus().close();
    ASSERT_EQ(outlet().publish(1000), 0U);
    ASSERT_EQ(bus().published(), count);
    const std::uint64_t missed = count > 8 ? count - 8 : 0;
    std::vector<Got> expected;
    if (missed > 0) expected.push_back(lagged(missed));
    ASSERT_EQ(subscriber->drain(Way::Poll),
              expected + messages(missed, count) + std::vector{kClosed});
  }
}

TEST_P(Publishing, the_last_publishing_handle_that_goes_closes_the_bus) {
  open(4);
  const auto subscriber = subscribe();
  publish(2);
  drop_bus();
  if (setup().via != Via::Bus) {
    EXPECT_EQ(subscriber->drain(Way::Poll), messages(0, 2)) << "a publisher is there still";
    publish(1);
    EXPECT_EQ(subscriber->drain(Way::Poll), messages(2, 3));
    drop_publishers();
    EXPECT_EQ(subscriber->drain(Way::Poll), std::vector{kClosed});
  } else {
    EXPECT_EQ(subscriber->drain(Way::Poll), messages(0, 2) + std::vector{kClosed});
  }
}

TEST_P(Publishing, publishers_that_go_do_not_close_a_bus_that_is_held) {
  open(4);
  const auto subscriber = subscribe();
  publish(2);
  drop_publishers();
  EXPECT_FALSE(bus().is_closed());
  EXPECT_EQ(bus().publish(2), 1U);
  EXPECT_EQ(subscriber->drain(Way::Poll), messages(0, 3));
}

TEST_P(Publishing, copies_of_a_bus_share_it_and_keep_it_open) {
  open(4);
  auto copy = bus().copy();
  const auto subscriber = copy->subscribe(false);
  publish(3);
  EXPECT_EQ(copy->published(), 3U);
  EXPECT_EQ(copy->subscriber_count(), 1U);
  drop_publishers();
  drop_bus();
  EXPECT_EQ(copy->publish(3), 1U);
  EXPECT_EQ(subscriber->drain(Way::Poll), messages(0, 4));
  copy->copy()->close();
  EXPECT_TRUE(copy->is_closed());
}

TEST_P(Publishing, live_publishers_are_counted) {
  open(4);
  const std::size_t expected = setup().via == Via::Bus ? 0 : setup().via == Via::OneHandle ? 1 : 3;
  EXPECT_EQ(bus().publisher_count(), expected);
  publish(5);
  EXPECT_EQ(bus().publisher_count(), expected);
  drop_publishers();
  EXPECT_EQ(bus().publisher_count(), 0U);
}

TEST_P(Publishing, lag_and_next_sequence_tell_where_a_subscriber_stands) {
  open(4);
  publish(7);
  const auto subscriber = subscribe();
  EXPECT_EQ(subscriber->next_sequence(), 7U);
  EXPECT_EQ(subscriber->lag(), 0U);
  publish(3);
  EXPECT_EQ(subscriber->lag(), 3U);
  EXPECT_EQ(subscriber->receive_one(Way::Poll), message(7));
  EXPECT_EQ(subscriber->next_sequence(), 8U);
  EXPECT_EQ(subscriber->lag(), 2U);
  publish(10);
  EXPECT_EQ(subscriber->lag(), 12U) << "may exceed the capacity";
  bus().close();
  publish(1);
  EXPECT_EQ(subscriber->lag(), 12U) << "what was refused is nothing to catch up with";
}

TEST_P(Publishing, resubscribe_starts_at_the_newest_message_with_counts_of_its_own) {
  open(4);
  const auto old = subscribe();
  publish(9);
  ASSERT_EQ(old->receive_one(Way::Poll), lagged(5));
  const auto fresh = old->resubscribe();
  EXPECT_EQ(fresh->missed(), 0U);
  EXPECT_EQ(fresh->received(), 0U);
  EXPECT_EQ(fresh->next_sequence(), 9U);
  EXPECT_FALSE(fresh->is_gating());
  publish(1);
  EXPECT_EQ(fresh->drain(Way::Poll), messages(9, 10));
  EXPECT_EQ(old->receive_one(Way::Poll), lagged(1));
}

TEST_P(Publishing, a_held_message_outlives_overwriting_subscriber_and_bus) {
  open(2);
  auto subscriber = subscribe();
  publish(2);
  std::vector<std::unique_ptr<AnyHeld>> held;
  held.push_back(subscriber->hold());
  held.push_back(subscriber->hold());
  EXPECT_EQ(subscriber->hold(), nullptr);
  for (Id id = 2; id < 2000; ++id) {
    publish();
    if (id % 100 == 0) {
      while (subscriber->receive_one(Way::Poll).kind == Got::Lagged) {
      }
      held.push_back(subscriber->hold());
      ASSERT_NE(held.back(), nullptr);
      EXPECT_EQ(held.back()->id(), id);
    }
  }
  drop_publishers();
  drop_bus();
  subscriber.reset();
  EXPECT_EQ(held[0]->id(), 0U);
  EXPECT_EQ(held[1]->id(), 1U);
  for (std::size_t i = 2; i < held.size(); ++i) EXPECT_EQ(held[i]->id(), (i - 1) * 100);
}

TEST_P(Publishing, publishers_that_come_and_go_leave_no_gap) {
  open(64);
  const auto subscriber = subscribe();
  drop_publishers();
  Id next = 0;
  for (int round = 0; round < 100; ++round) {
    auto publisher = bus().publisher();
    ASSERT_TRUE(publisher.has_value());
    for (int i = 0; i < round % 5; ++i) (*publisher)->publish(next++);
    publisher->reset();
    bus().publish(next++);
    ASSERT_EQ(subscriber->drain(Way::Poll), messages(next - static_cast<Id>(round % 5) - 1, next));
  }
}

TEST_P(Publishing, many_subscribers_come_and_go_and_all_see_the_same) {
  open(64);
  std::vector<std::unique_ptr<AnySubscriber>> subscribers;
  for (int round = 0; round < 5; ++round) {
    const std::uint64_t start = bus().published();
    for (int i = 0; i < 60; ++i) subscribers.push_back(subscribe());
    publish(30);
    EXPECT_EQ(bus().subscriber_count(), 60U);
    for (const auto& subscriber : subscribers) {
      ASSERT_EQ(subscriber->drain(Way::Poll), messages(start, start + 30));
    }
    subscribers.clear();
    publish(7);
  }
}

class SolePublisher : public testing::TestWithParam<Storage> {};

INSTANTIATE_TEST_SUITE_P(All, SolePublisher,
                         testing::Values(Storage::DenseWord, Storage::DenseStruct,
                                         Storage::SolePinnedString),
                         [](const auto& which) { return name_of(which.param); });

TEST_P(SolePublisher, a_second_publisher_is_told_that_the_bus_is_busy) {
  const auto bus = make_bus({.storage = GetParam()});
  const auto first = bus->publisher();
  ASSERT_TRUE(first.has_value());
  const auto second = bus->publisher();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error(), PublishError::Busy);
  EXPECT_EQ(bus->publisher_count(), 1U);
}

TEST_P(SolePublisher, the_bus_itself_refuses_while_a_publisher_lives) {
  const auto bus = make_bus({.storage = GetParam()});
  const auto subscriber = bus->subscribe(false);
  {
    const auto publisher = bus->publisher();
    ASSERT_TRUE(publisher.has_value());
    (*publisher)->publish(0);
    EXPECT_EQ(bus->publish(90), 0U);
    EXPECT_EQ(bus->publish_many(std::vector<Id>{91, 92}), 0U);
    EXPECT_EQ(bus->refused(), 3U);
    EXPECT_TRUE(bus->try_publish(93).failed_with(PublishError::Busy));
    EXPECT_TRUE(bus->publish_wait(94, {}, {}).failed_with(PublishError::Busy));
    (*publisher)->publish(1);
  }
  EXPECT_EQ(bus->publish(2), 1U);
  EXPECT_EQ(subscriber->drain(Way::Poll), Contract::messages(0, 3));
}

TEST_P(SolePublisher, the_next_publisher_goes_on_where_the_last_one_stopped) {
  const auto bus = make_bus({.storage = GetParam(), .capacity = 16});
  const auto subscriber = bus->subscribe(false);
  Id next = 0;
  for (int round = 0; round < 60; ++round) {
    const Id start = next;
    {
      const auto publisher = bus->publisher();
      ASSERT_TRUE(publisher.has_value());
      for (int i = 0; i < round % 17; ++i) (*publisher)->publish(next++);
    }
    EXPECT_EQ(bus->published(), next);
    ASSERT_EQ(subscriber->drain(Way::Poll), Contract::messages(start, next));
  }
}

}  // namespace

}  // namespace ron::test
