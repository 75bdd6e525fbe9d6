// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The contract of taking part: where a subscriber starts, where it goes on after it was overrun,
// and what others see of it.
#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "contract.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using testing::ElementsAre;

std::vector<Setup> setups() {
  std::vector<Setup> few;
  for (const Storage storage : kAllStorages) {
    few.push_back({storage, Via::OneHandle, FencePolicy::Membarrier, BusMode::Classic});
  }
  return few;
}

class Subscribing : public testing::TestWithParam<Setup>, public Contract {
 protected:
  static constexpr std::size_t kCapacity = 8;

  Subscribing() : Contract{GetParam()} { open(kCapacity); }

  [[nodiscard]] std::unique_ptr<AnySubscriber> subscribe_with(const SubscribeOptions& options) {
    return bus().subscribe(options, {});
  }
  /// All that is retained, in the way that every storage supports.
  [[nodiscard]] static std::vector<Got> read(AnySubscriber& subscriber) {
    return subscriber.drain(Way::Poll);
  }
  /// Checks that all messages from `start` on are accounted for.
  void expect_all_accounted_for(const AnySubscriber& subscriber, std::uint64_t start) {
    EXPECT_EQ(
        subscriber.received() + subscriber.filtered() + subscriber.missed() + subscriber.lag(),
        bus().published() - start);
    EXPECT_EQ(subscriber.next_sequence() + subscriber.lag(), bus().published());
  }
  [[nodiscard]] SubscriberInfo info_of(const std::string& name) {
    for (SubscriberInfo& info : bus().subscribers()) {
      if (info.name == name) return std::move(info);
    }
    return {};
  }
};

INSTANTIATE_TEST_SUITE_P(All, Subscribing, testing::ValuesIn(setups()),
                         [](const auto& which) { return name_of(which.param); });

// Where it starts.

TEST_P(Subscribing, a_subscriber_starts_where_it_is_told) {
  for (const std::size_t published : {0U, 1U, 7U, 8U, 11U, 40U}) {
    SCOPED_TRACE(testing::Message() << published << " published");
    open(kCapacity);
    publish(published);
    const Id oldest = published - std::min<Id>(published, kCapacity);
    const auto expect_start = [&](From from, Id start) {
      const auto subscriber = subscribe_with({.from = from});
      EXPECT_EQ(subscriber->next_sequence(), start);
      EXPECT_EQ(subscriber->lag(), published - start);
      EXPECT_EQ(read(*subscriber), messages(start, published));
      EXPECT_EQ(subscriber->received(), published - start);
      EXPECT_EQ(subscriber->missed(), 0U);
    };
    expect_start(From::newest(), published);
    expect_start(From::oldest(), oldest);
    for (const Id count : {0U, 1U, 3U, 8U, 9U, 100U}) {
      expect_start(From::last(count), published - std::min(count, published - oldest));
    }
  }
}

TEST_P(Subscribing, a_start_at_a_sequence_is_there_or_an_error_that_says_what_is_possible) {
  for (const std::size_t published : {0U, 5U, 8U, 19U}) {
    open(kCapacity);
    publish(published);
    const Id oldest = published - std::min<Id>(published, kCapacity);
    for (Id sequence = 0; sequence < published + 3; ++sequence) {
      SCOPED_TRACE(testing::Message() << published << " published, asked for " << sequence);
      const auto subscriber = bus().subscribe_at(sequence, {});
      if (sequence >= oldest && sequence <= published) {
        ASSERT_TRUE(subscriber);
        EXPECT_EQ((*subscriber)->next_sequence(), sequence);
        EXPECT_EQ(read(**subscriber), messages(sequence, published));
        continue;
      }
      ASSERT_FALSE(subscriber);
      const auto kind = sequence < oldest ? SubscribeError::TooOld : SubscribeError::TooNew;
      EXPECT_EQ(
          subscriber.error(),
          (SubscribeError{.kind = kind, .asked = sequence, .oldest = oldest, .next = published}));
    }
    EXPECT_EQ(bus().subscriber_count(), 0U) << "an error leaves nobody behind";
    EXPECT_TRUE(bus().subscribers().empty());
  }
}

TEST_P(Subscribing, what_is_overwritten_before_the_first_receive_is_lag) {
  publish(kCapacity + 3);
  const auto oldest = subscribe_with({.from = From::oldest()});
  const auto some = subscribe_with({.from = From::last(4)});
  const auto exact = bus().subscribe_at(5, {});
  ASSERT_TRUE(exact);
  publish(6);  // retained is now [9, 17)
  EXPECT_EQ(read(*oldest), std::vector{lagged(6)} + messages(9, 17));
  EXPECT_EQ(read(*some), std::vector{lagged(2)} + messages(9, 17));
  EXPECT_EQ(read(**exact), std::vector{lagged(4)} + messages(9, 17));
  expect_all_accounted_for(*oldest, 3);
  expect_all_accounted_for(*some, 7);
  expect_all_accounted_for(**exact, 5);
}

TEST_P(Subscribing, on_a_closed_bus_a_start_in_the_past_reads_what_is_retained) {
  publish(kCapacity + 5);
  bus().close();
  EXPECT_EQ(read(*subscribe_with({.from = From::oldest()})),
            messages(5, 13) + std::vector{kClosed});
  EXPECT_EQ(read(*subscribe_with({.from = From::last(2)})),
            messages(11, 13) + std::vector{kClosed});
  EXPECT_EQ(read(**bus().subscribe_at(12, {})), messages(12, 13) + std::vector{kClosed});
  EXPECT_EQ(read(**bus().subscribe_at(13, {})), std::vector{kClosed});
  EXPECT_EQ(bus().subscribe_at(14, {}).error().kind, SubscribeError::TooNew);
}

TEST_P(Subscribing, a_gating_start_in_the_past_holds_publishers_back_from_there) {
  publish(kCapacity + 2);
  AnyOutlet& publisher = outlet();
  const auto subscriber = subscribe_with({.gating = true, .from = From::last(6)});
  Id next = bus().published();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(publisher.try_publish(next++).result);
  EXPECT_TRUE(publisher.try_publish(next).failed_with(PublishError::Full));
  EXPECT_EQ(read(*subscriber), messages(4, 12));
  EXPECT_TRUE(publisher.try_publish(next).result);
}

TEST_P(Subscribing, a_publisher_that_had_room_may_overwrite_what_is_older_than_a_gating_start) {
  AnyOutlet& publisher = outlet();
  const auto reader = subscribe_gating();
  Id next = 0;
  for (; next < 3; ++next) EXPECT_TRUE(publisher.try_publish(next).result);
  // It has looked at a tail of 0 and so may go up to 8, as if it did not see the newcomer; from
  // there on it does.
  const auto newcomer = subscribe_with({.gating = true, .from = From::oldest()});
  std::vector<Got> read_by_reader = read(*reader);
  for (; next < kCapacity; ++next) EXPECT_TRUE(publisher.try_publish(next).result);
  EXPECT_TRUE(publisher.try_publish(next).failed_with(PublishError::Full));
  EXPECT_EQ(read(*newcomer), messages(0, 8));
  EXPECT_EQ(newcomer->missed(), 0U);
}

// Where it goes on after it was overrun.

TEST_P(Subscribing, on_lag_to_newest_only_the_last_message_is_left) {
  const auto subscriber = subscribe_with({.on_lag = OnLag::ToNewest});
  publish(kCapacity);
  EXPECT_EQ(read(*subscriber), messages(0, 8)) << "it was not overrun";
  publish(kCapacity + 1);
  EXPECT_EQ(read(*subscriber), std::vector{lagged(8)} + messages(16, 17));
  publish(5 * kCapacity);
  EXPECT_EQ(subscriber->receive_one(Way::Poll), lagged(39));
  EXPECT_EQ(subscriber->next_sequence(), 56U);
  publish(1);
  EXPECT_EQ(read(*subscriber), messages(56, 58));
  EXPECT_EQ(subscriber->missed(), 47U);
  expect_all_accounted_for(*subscriber, 0);
}

TEST_P(Subscribing, on_lag_to_newest_a_closed_bus_leaves_the_last_message) {
  const auto subscriber = subscribe_with({.on_lag = OnLag::ToNewest});
  publish(kCapacity + 4);
  bus().close();
  EXPECT_EQ(read(*subscriber), (std::vector{lagged(11), message(11), kClosed}));
}

TEST_P(Subscribing, disconnected_on_lag_it_is_told_once_and_has_left_the_bus) {
  const auto other = subscribe();
  const auto subscriber = subscribe_with({.on_lag = OnLag::Disconnect, .name = "it"});
  publish(kCapacity);
  EXPECT_EQ(read(*subscriber), messages(0, 8));
  publish(kCapacity + 3);
  EXPECT_EQ(bus().subscriber_count(), 2U) << "it does not know yet";
  EXPECT_EQ(subscriber->receive_one(Way::Poll), lagged(11));
  EXPECT_EQ(bus().subscriber_count(), 1U);
  EXPECT_EQ(info_of("it").name, "");
  for (const Way way : kAllWays) {
    if (supports(setup().storage, way)) {
      EXPECT_EQ(subscriber->receive_one(way), kDisconnected);
    }
  }
  EXPECT_EQ(publish(), 1U);
  bus().close();
  EXPECT_EQ(read(*subscriber), std::vector{kDisconnected});
  EXPECT_EQ(subscriber->next_sequence(), 19U);
  EXPECT_EQ(subscriber->received() + subscriber->missed(), 19U);
  EXPECT_EQ(subscriber->missed(), 11U);
  expect_all_accounted_for(*subscriber, 0);
}

TEST_P(Subscribing, a_gating_subscriber_that_is_disconnected_gates_no_more) {
  const auto subscriber = subscribe_with({.gating = true, .on_lag = OnLag::Disconnect});
  publish(kCapacity + 1);  // by functions that wait for nobody
  AnyOutlet& publisher = outlet();
  EXPECT_TRUE(publisher.try_publish(bus().published()).failed_with(PublishError::Full));
  EXPECT_EQ(subscriber->receive_one(Way::Poll), lagged(9));
  Id next = bus().published();
  for (std::size_t i = 0; i < 2 * kCapacity; ++i) {
    EXPECT_TRUE(publisher.try_publish(next++).result);
  }
}

// Copies.

TEST_P(Subscribing, a_fork_reads_next_what_its_parent_reads_next) {
  const auto parent = subscribe_with({.on_lag = OnLag::ToNewest, .name = "parent"});
  publish(3);
  EXPECT_EQ(parent->receive_one(Way::Poll), message(0));
  const auto twin = parent->fork();
  EXPECT_EQ(twin->name(), "parent");
  EXPECT_EQ(read(*twin), messages(1, 3));
  EXPECT_EQ(read(*parent), messages(1, 3));
  EXPECT_EQ(twin->received(), 2U);
  publish(kCapacity + 2);
  const auto late = parent->fork();
  EXPECT_EQ(read(*late), std::vector{lagged(9)} + messages(12, 13));
  EXPECT_EQ(read(*parent), std::vector{lagged(9)} + messages(12, 13));
  EXPECT_EQ(bus().subscriber_count(), 3U);
  bus().close();
  EXPECT_EQ(read(*parent->fork()), std::vector{kClosed});
}

TEST_P(Subscribing, a_fork_of_a_gating_subscriber_gates_from_where_it_starts) {
  const auto parent = subscribe_gating();
  publish(kCapacity);
  for (Id id = 0; id < 4; ++id) EXPECT_EQ(parent->receive_one(Way::Poll), message(id));
  const auto twin = parent->fork();
  EXPECT_TRUE(twin->is_gating());
  EXPECT_EQ(read(*parent), messages(4, 8));
  AnyOutlet& publisher = outlet();
  for (Id id = 8; id < 12; ++id) EXPECT_TRUE(publisher.try_publish(id).result);
  EXPECT_TRUE(publisher.try_publish(12).failed_with(PublishError::Full));
  EXPECT_EQ(read(*twin), messages(4, 12));
}

TEST_P(Subscribing, who_is_disconnected_has_disconnected_forks_but_can_resubscribe) {
  const auto subscriber = subscribe_with({.on_lag = OnLag::Disconnect});
  publish(kCapacity + 1);
  EXPECT_EQ(subscriber->receive_one(Way::Poll), lagged(9));
  EXPECT_EQ(read(*subscriber->fork()), std::vector{kDisconnected});
  EXPECT_EQ(bus().subscriber_count(), 0U);
  const auto again = subscriber->resubscribe();
  publish(2);
  EXPECT_EQ(read(*again), messages(9, 11));
  publish(kCapacity + 1);
  EXPECT_EQ(read(*again), (std::vector{lagged(9), kDisconnected})) << "it is of the same kind";
}

// What others see.

TEST_P(Subscribing, subscribers_show_who_they_are_and_where_they_stand) {
  publish(3);
  auto quick = subscribe_with({.name = "quick"});
  const auto slow = subscribe_with({.gating = true, .name = "slow"});
  const auto nameless = subscribe();
  publish(kCapacity + 4);
  EXPECT_EQ(quick->receive_one(Way::Poll), lagged(4));
  for (Id id = 7; id < 10; ++id) EXPECT_EQ(quick->receive_one(Way::Poll), message(id));
  EXPECT_EQ(bus().subscribers().size(), 3U);
  const SubscriberInfo info = info_of("quick");
  EXPECT_FALSE(info.gating);
  EXPECT_EQ(info.next_sequence, 10U);
  EXPECT_EQ(info.behind, 5U);
  EXPECT_EQ(info.received, 3U);
  EXPECT_EQ(info.missed, 4U);
  EXPECT_EQ(info.lags, 1U);
  EXPECT_EQ(info.filtered, 0U);
  EXPECT_TRUE(info_of("slow").gating);
  EXPECT_EQ(info_of("slow").behind, 12U);
  EXPECT_EQ(info_of("").behind, 12U);

  quick.reset();
  EXPECT_EQ(bus().subscribers().size(), 2U);
  const auto next = subscribe_with({.name = "next"});
  const std::uint64_t id = info_of("next").id;
  EXPECT_GT(id, info.id);
  EXPECT_EQ(info_of("next"), (SubscriberInfo{.id = id, .name = "next", .next_sequence = 15}))
      << "nothing is left of who used the record before";
}

TEST_P(Subscribing, of_a_name_the_first_40_bytes_are_kept) {
  const std::string name = "a subscriber whose name is longer than anybody wants to read it";
  EXPECT_EQ(subscribe_with({.name = name})->name(), name.substr(0, 40));
  EXPECT_EQ(subscribe_with({.name = name.substr(0, 39)})->name(), name.substr(0, 39));
  EXPECT_EQ(subscribe()->name(), "");
}

// While others publish.

TEST_P(Subscribing, starts_are_exact_while_everything_is_being_overwritten) {
  std::atomic<bool> done{false};
  Thread publisher{[&] {
    AnyOutlet& own = outlet();
    for (Id id = 0; !done.load(); ++id) own.publish(id);
  }};
  const auto expect_exact = [&](AnySubscriber& subscriber) {
    const Id start = subscriber.next_sequence();
    Id expected = start;
    for (int i = 0; i < 6; ++i) {
      std::vector<Got> out;
      subscriber.receive(Way::Poll, 3, out);
      for (const Got& got : out) {
        if (got.is_nothing()) continue;
        if (got.kind == Got::Lagged) {
          expected += got.value;
        } else {
          ASSERT_EQ(got, message(expected));
          ++expected;
        }
      }
      ASSERT_EQ(subscriber.next_sequence(), expected);
      ASSERT_EQ(subscriber.received() + subscriber.missed(), expected - start);
    }
  };
  for (std::size_t i = 0; i < scaled(400); ++i) {
    expect_exact(*subscribe_with({.from = From::oldest()}));
    expect_exact(*subscribe_with({.from = From::last(3), .on_lag = OnLag::ToNewest}));
    const Id before = bus().published();
    if (const auto at = bus().subscribe_at(before, {})) {
      expect_exact(**at);
    } else {
      EXPECT_EQ(at.error().kind, SubscribeError::TooOld);
      EXPECT_GT(at.error().oldest, before);
      EXPECT_GE(at.error().next, at.error().oldest);
    }
    for (const SubscriberInfo& info : bus().subscribers()) ADD_FAILURE() << info.next_sequence;
    if (HasFailure()) break;
  }
  done.store(true);
  publisher.join();
}

TEST_P(Subscribing, a_gating_subscriber_that_forks_loses_nothing_and_neither_does_the_fork) {
  const std::size_t count = scaled(4000);
  const auto parent = subscribe_gating();
  Thread publisher{[&] {
    AnyOutlet& own = outlet();
    for (Id id = 0; id < count; ++id) EXPECT_TRUE(own.publish_wait(id, {}, {}).result);
  }};
  while (parent->next_sequence() < count) {
    const Id at = parent->next_sequence();
    const auto twin = parent->fork();
    // The parent goes on first: who sees only that would overrun the twin.
    const std::vector<Got> by_parent = parent->drain(Way::Poll);
    const std::vector<Got> by_twin = twin->drain(Way::Poll);
    EXPECT_EQ(by_parent, messages(at, at + by_parent.size()));
    EXPECT_GE(by_twin.size(), by_parent.size());
    EXPECT_EQ(by_twin, messages(at, at + by_twin.size()));
    if (by_parent.empty()) std::this_thread::yield();
  }
}

TEST_P(Subscribing, what_others_see_never_adds_up_to_more_than_there_is) {
  std::atomic<bool> done{false};
  Thread publisher{[&] {
    AnyOutlet& own = outlet();
    for (Id id = 0; !done.load(); ++id) own.publish(id);
  }};
  Thread visitor{[&] {
    for (int i = 0; !done.load(); ++i) {
      const auto subscriber =
          bus().subscribe({.gating = i % 3 == 0, .from = From::oldest(), .name = "visitor"},
                          [](Id) { return false; });
      for (int times = 0; times < 4; ++times) {
        std::vector<Got> out;
        subscriber->receive(Way::Poll, 5, out);
      }
    }
  }};
  for (std::size_t i = 0; i < scaled(3000); ++i) {
    for (const SubscriberInfo& info : bus().subscribers()) {
      EXPECT_EQ(info.name, "visitor");
      EXPECT_LE(info.received + info.filtered + info.missed, info.next_sequence);
      EXPECT_LE(info.received, info.next_sequence);
      EXPECT_LE(info.behind, bus().published());
    }
    if (HasFailure()) break;
  }
  done.store(true);
}

}  // namespace
}  // namespace ron::test
