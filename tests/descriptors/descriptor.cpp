// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The file descriptor of a subscriber: readable while there may be something to receive.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>

#include <ronbus/sync/backoff.hpp>

#include "buses.hpp"
#include "event_loop.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

/// How often the descriptor was written since it was last found unreadable. Takes it away.
std::uint64_t writes_to(int descriptor) {
  std::uint64_t count = 0;
  return ::read(descriptor, &count, sizeof count) == sizeof count ? count : 0;
}

template <class Storage>
class Descriptors : public OnEveryStorage<Storage> {};
TYPED_TEST_SUITE(Descriptors, Storages, StorageName);

TYPED_TEST(Descriptors, it_is_readable_from_the_first_message_until_a_receive_finds_nothing) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open();
  auto subscriber = bus.subscribe();
  const int descriptor = subscriber.descriptor().value();
  EXPECT_EQ(subscriber.descriptor(), descriptor) << "it is always the same one";
  EXPECT_FALSE(is_readable(descriptor));
  for (int round = 0; round < 3; ++round) {
    bus.publish(make<T>(1));
    bus.publish(make<T>(2));
    EXPECT_TRUE(is_readable(descriptor));
    EXPECT_EQ(id_of<T>(subscriber.try_recv().value()), 1U);
    EXPECT_TRUE(is_readable(descriptor)) << "one is left";
    EXPECT_EQ(id_of<T>(subscriber.try_recv().value()), 2U);
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::Empty);
    EXPECT_FALSE(is_readable(descriptor));
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::Empty) << "which may be found again";
    EXPECT_FALSE(is_readable(descriptor));
  }
  EXPECT_EQ(bus.subscribers().front().wakeups, 3U) << "once a round, as it is told from outside";
}

TYPED_TEST(Descriptors, it_is_readable_if_there_is_something_when_it_is_made) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open();
  auto subscriber = bus.subscribe();
  bus.publish(make<T>(1));
  EXPECT_TRUE(is_readable(subscriber.descriptor().value()));

  auto other = bus.subscribe();
  bus.close();
  EXPECT_TRUE(is_readable(other.descriptor().value())) << "Closed is something to receive";
}

TYPED_TEST(Descriptors, lag_and_the_end_are_readable) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open(2);
  auto subscriber = bus.subscribe();
  const int descriptor = subscriber.descriptor().value();
  for (Id id = 0; id < 5; ++id) bus.publish(make<T>(id));
  EXPECT_TRUE(is_readable(descriptor));
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::lagged(3));
  EXPECT_TRUE(is_readable(descriptor));
  while (subscriber.try_recv()) continue;
  EXPECT_FALSE(is_readable(descriptor));
  bus.close();
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(is_readable(descriptor)) << "for ever, as that of a closed socket";
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::Closed);
  }
}

TYPED_TEST(Descriptors, every_way_to_find_nothing_makes_it_unreadable) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open();
  auto subscriber = bus.subscribe();
  const int descriptor = subscriber.descriptor().value();
  std::array<T, 2> batch{};
  std::stop_source stopped;
  stopped.request_stop();
  const auto ignore = [](const T&) {};
  const std::vector<std::function<bool()>> ways{
      [&] { return subscriber.try_recv().has_value(); },
      [&] { return subscriber.recv_for(0s).has_value(); },
      [&] { return subscriber.recv(stopped.get_token()).has_value(); },
      [&] { return subscriber.try_recv_many(batch).has_value(); },
      [&] { return subscriber.recv_many(batch, 0s).has_value(); },
      [&] { return subscriber.try_visit(ignore).has_value(); },
      [&] { return subscriber.visit(ignore, 0s).has_value(); },
      [&] { return subscriber.poll(ignore, 2).has_value(); },
      [&] { return subscriber.try_borrow().has_value(); },
      [&] { return subscriber.borrow(0s).has_value(); },
  };
  for (std::size_t way = 0; way < ways.size(); ++way) {
    bus.publish(make<T>(1));
    ASSERT_TRUE(is_readable(descriptor)) << "way " << way;
    EXPECT_TRUE(ways[way]()) << "way " << way;
    EXPECT_FALSE(ways[way]()) << "way " << way;
    EXPECT_FALSE(is_readable(descriptor)) << "way " << way;
  }
}

TYPED_TEST(Descriptors, a_burst_is_one_write) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open(64);
  auto subscriber = bus.subscribe();
  const int descriptor = subscriber.descriptor().value();
  for (Id id = 0; id < 512; ++id) bus.publish(make<T>(id));
  EXPECT_EQ(writes_to(descriptor), 1U);
}

TYPED_TEST(Descriptors, it_goes_with_its_subscriber) {
  using T = typename TypeParam::Message;
  std::optional bus{TestFixture::open()};
  std::optional<Subscriber<T>> subscriber{bus->subscribe()};
  const int descriptor = subscriber->descriptor().value();
  Subscriber<T> moved = std::move(*subscriber);
  subscriber.reset();
  EXPECT_EQ(moved.descriptor(), descriptor);
  bus->publish(make<T>(1));
  EXPECT_TRUE(is_readable(descriptor));
  bus.reset();
  EXPECT_TRUE(moved.try_recv());
  EXPECT_EQ(moved.try_recv().error(), RecvError::Closed);
  {
    const auto last = std::move(moved);
  }
  EXPECT_EQ(::fcntl(descriptor, F_GETFD), -1) << "closed";
}

TYPED_TEST(Descriptors, a_subscriber_can_wait_in_other_ways_beside_it) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open();
  auto subscriber = bus.subscribe();
  const int descriptor = subscriber.descriptor().value();
  std::expected<T, RecvError> received{std::unexpect, RecvError::Empty};
  Thread sleeper{[&] { received = subscriber.recv(); }};
  sleeper.wait_until_asleep();
  bus.publish(make<T>(1));
  sleeper.join();
  EXPECT_EQ(id_of<T>(received.value()), 1U);
  EXPECT_TRUE(is_readable(descriptor)) << "nothing was found yet";
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::Empty);
  EXPECT_FALSE(is_readable(descriptor));
  bus.publish(make<T>(2));
  EXPECT_TRUE(is_readable(descriptor));
}

TYPED_TEST(Descriptors, without_descriptors_left_there_is_an_error_and_the_subscriber_goes_on) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open();
  auto subscriber = bus.subscribe();
  ::rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const ::rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto failed = subscriber.descriptor();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), std::errc::too_many_files_open) << failed.error().message();
  bus.publish(make<T>(1));
  EXPECT_TRUE(subscriber.try_recv());
  const auto descriptor = subscriber.descriptor();
  ASSERT_TRUE(descriptor) << "once there are some again";
  EXPECT_FALSE(is_readable(*descriptor));
}

TYPED_TEST(Descriptors, publishing_leaves_errno_alone) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open();
  auto subscriber = bus.subscribe();
  ASSERT_TRUE(subscriber.descriptor());
  errno = EXDEV;
  bus.publish(make<T>(1));
  EXPECT_EQ(errno, EXDEV);
}

/// Subscribers with descriptors on one bus, more than a publisher wakes at a time: each wakes more.
TYPED_TEST(Descriptors, one_message_reaches_any_number_of_them) {
  using T = typename TypeParam::Message;
  constexpr std::size_t kCount = 100;
  const auto bus = TestFixture::open();
  EventLoop loop;
  std::vector<Subscriber<T>> subscribers;
  std::vector<int> descriptors;
  for (std::size_t i = 0; i < kCount; ++i) {
    subscribers.push_back(bus.subscribe());
    descriptors.push_back(subscribers.back().descriptor().value());
    loop.add(descriptors.back());
  }
  bus.publish(make<T>(1));
  std::set<int> served;
  while (served.size() < kCount) {
    const auto ready = loop.wait();
    ASSERT_FALSE(ready.empty()) << served.size() << " were woken";
    for (const int descriptor : ready) {
      const auto at = std::ranges::find(descriptors, descriptor) - descriptors.begin();
      EXPECT_TRUE(subscribers[static_cast<std::size_t>(at)].try_recv());
      EXPECT_FALSE(subscribers[static_cast<std::size_t>(at)].try_recv());
      EXPECT_TRUE(served.insert(descriptor).second) << "woken for nothing";
    }
  }
}

enum class Style : std::uint8_t { OneByOne, UntilEmpty };

/// Receives what an event loop tells of, until the end.
template <class T>
void serve(Subscriber<T>& subscriber, Style style, const std::function<void()>& on_message) {
  EventLoop loop;
  loop.add(subscriber.descriptor().value(),
           style == Style::UntilEmpty ? std::uint32_t{EPOLLET} : 0);
  for (;;) {
    if (loop.wait().empty()) {
      ADD_FAILURE() << "slept through a message";
      return;
    }
    for (;;) {
      const auto received = subscriber.try_recv();
      if (received) {
        on_message();
      } else if (received.error() == RecvError::Closed) {
        return;
      } else if (received.error() == RecvError::Empty) {
        break;
      }
      if (style == Style::OneByOne) break;
    }
  }
}

/// A publisher that waits for each answer, with pauses that differ from turn to turn so that every
/// moment of coming to rest is met.
TYPED_TEST(Descriptors, no_message_is_slept_through) {
  using T = typename TypeParam::Message;
  for (const Style style : {Style::OneByOne, Style::UntilEmpty}) {
    const auto bus = TestFixture::open();
    auto subscriber = bus.subscribe();
    std::atomic<std::size_t> answered{0};
    Thread publisher{[&] {
      for (std::size_t i = 1; i <= scaled(3000) && !testing::Test::HasFailure(); ++i) {
        bus.publish(make<T>(i));
        while (answered < i && !testing::Test::HasFailure()) std::this_thread::yield();
        for (std::size_t pause = i * 7 % 240; pause > 0; --pause) sync::cpu_relax();
      }
      bus.close();
    }};
    serve<T>(subscriber, style, [&] { ++answered; });
    publisher.join();
    EXPECT_EQ(subscriber.received(), scaled(3000));
  }
}

TYPED_TEST(Descriptors, what_was_published_is_received_or_missed) {
  using T = typename TypeParam::Message;
  for (const Style style : {Style::OneByOne, Style::UntilEmpty}) {
    const auto bus = TestFixture::open(64);
    auto subscriber = bus.subscribe();
    const std::size_t count = scaled(20'000);
    Thread publisher{[&] {
      for (std::size_t i = 0; i < count; ++i) {
        bus.publish(make<T>(i));
        if (i % 100 == 0) std::this_thread::yield();
      }
      bus.close();
    }};
    std::size_t received = 0;
    serve<T>(subscriber, style, [&] { ++received; });
    publisher.join();
    EXPECT_EQ(received + subscriber.missed(), count);
  }
}

TEST(EventLoops, two_buses_and_a_timer_share_one) {
  const auto orders = BusBuilder{}.cap(16).build<std::string>().value();
  const auto readings = BusBuilder{}.cap(16).single_publisher().build<std::uint64_t>().value();
  auto order = orders.subscribe();
  auto reading = readings.subscribe();
  const Ticker ticker{1ms};
  EventLoop loop;
  loop.add(order.descriptor().value());
  loop.add(reading.descriptor().value());
  loop.add(ticker.descriptor());

  constexpr std::size_t kTicks = 8;
  std::size_t ticks = 0;
  std::size_t orders_received = 0;
  std::size_t readings_received = 0;
  bool open = true;
  // Each tick causes an order, each order two readings: all three wake the one loop.
  while (open) {
    const auto ready = loop.wait();
    ASSERT_FALSE(ready.empty());
    for (const int descriptor : ready) {
      if (descriptor == ticker.descriptor()) {
        if (ticker.take() > 0 && ++ticks <= kTicks) orders.publish("measure");
      } else if (descriptor == order.descriptor()) {
        while (order.try_recv()) {
          ++orders_received;
          readings.publish_many(std::vector<std::uint64_t>{1, 2});
        }
      } else {
        auto received = reading.try_recv();
        for (; received; received = reading.try_recv()) ++readings_received;
        if (received.error() == RecvError::Closed) open = false;
        if (readings_received == 2 * kTicks) readings.close();
      }
    }
  }
  EXPECT_EQ(orders_received, kTicks);
  EXPECT_EQ(readings_received, 2 * kTicks);
}

}  // namespace
}  // namespace ron::test
