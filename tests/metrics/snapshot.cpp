// SPDX-License-Identifier: MIT OR Apache-2.0
#include <atomic>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "buses.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

TEST(Snapshot, tells_how_the_bus_was_made) {
  auto bus = BusBuilder{}.cap(100).name("orders").mode(BusMode::Edge).build<int>();
  auto publisher = bus->publisher();
  const BusSnapshot snapshot = bus->snapshot();
  EXPECT_EQ(snapshot.name, "orders");
  EXPECT_EQ(snapshot.mode, BusMode::Edge);
  EXPECT_EQ(snapshot.capacity, 128U);
  EXPECT_EQ(snapshot.requested_capacity, 100U);
  EXPECT_EQ(snapshot.publishers, 1U);
  EXPECT_FALSE(snapshot.worst);
  EXPECT_EQ(snapshot.slowest(), nullptr);
}

TEST(Snapshot, tells_who_lost_most_and_who_is_slowest) {
  auto bus = BusBuilder{}.cap(4).build<int>();
  auto slow = bus->subscribe({.name = "slow"});
  {
    auto gone = bus->subscribe({.name = "gone"});
    for (int i = 0; i < 10; ++i) bus->publish(i);
    EXPECT_FALSE(gone.try_recv());
  }
  auto quick = bus->subscribe({.name = "quick"});
  bus->publish(10);
  const BusSnapshot snapshot = bus->snapshot();
  EXPECT_EQ(snapshot.worst, (BusSnapshot::Loss{.name = "gone", .missed = 6, .most_behind = 10}));
  EXPECT_EQ(snapshot.slowest()->name, "slow");
  EXPECT_EQ(snapshot.slowest()->behind, 11U);
  EXPECT_EQ(snapshot.missed, 6U) << "of the one that is gone";
  EXPECT_EQ(snapshot.depth, 4U);
}

TEST(Snapshot, tells_what_nobody_heard) {
  auto bus = BusBuilder{}.cap(4).build<int>();
  for (int i = 0; i < 3; ++i) bus->publish(i);
  EXPECT_EQ(bus->snapshot().unheard, 3U);
  {
    auto subscriber = bus->subscribe();
    bus->publish(3);
    EXPECT_EQ(bus->snapshot().unheard, 3U);
  }
  bus->publish(4);
  EXPECT_EQ(bus->snapshot().unheard, 4U);
}

TEST(Snapshot, tells_who_was_woken) {
  auto bus = BusBuilder{}.build<std::uint64_t>();
  Thread sleeper{[subscriber = bus->subscribe({.wait = WaitStrategy::SleepAtOnce})]() mutable {
    for (auto message = subscriber.recv(); message || !message.error().is_end();
         message = subscriber.recv()) {
    }
  }};
  while (bus->snapshot().wakeups == 0) bus->publish(0);
  EXPECT_GT(bus->snapshot().notifications, 0U);
  while (bus->snapshot().subscribers.front().wakeups == 0) bus->publish(0);
  bus->close();
}

// While subscribers come, lose and go, whoever looks never sees a count go down, and when all is
// quiet the counts are exact.
TEST(Snapshot, counts_never_go_down_and_are_exact_at_rest) {
  constexpr int kRounds = 300;
  auto bus = BusBuilder{}.cap(16).build<std::uint64_t>();
  std::atomic<bool> done = false;
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::uint64_t> missed = 0;
  {
    Thread publisher{[&] {
      auto mine = bus->publisher().value();
      for (std::uint64_t i = 0; !done; ++i) mine.publish(i);
    }};
    Thread watcher{[&] {
      BusSnapshot last;
      while (!done) {
        const BusSnapshot now = bus->snapshot();
        EXPECT_GE(now.published, last.published);
        EXPECT_GE(now.received, last.received);
        EXPECT_GE(now.missed, last.missed);
        EXPECT_GE(now.lags, last.lags);
        EXPECT_GE(now.unheard, last.unheard);
        EXPECT_LE(now.unheard, now.published);
        EXPECT_LE(now.received, 2 * now.published);
        last = now;
      }
    }};
    const auto come_and_go = [&] {
      for (int round = 0; round < kRounds; ++round) {
        auto subscriber = bus->subscribe();
        for (std::uint64_t i = 0; i < 100; ++i) {
          if (i % 3 != 0) bus->publish(i);
          static_cast<void>(subscriber.try_recv());
        }
        received += subscriber.received();
        missed += subscriber.missed();
      }
    };
    {
      Thread one{come_and_go};
      Thread two{come_and_go};
    }
    done = true;
  }
  const BusSnapshot snapshot = bus->snapshot();
  EXPECT_EQ(snapshot.received, received);
  EXPECT_EQ(snapshot.missed, missed);
  EXPECT_GT(snapshot.received, 0U) << "of what they published themselves";
}

}  // namespace
}  // namespace ron::test
