// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Waiting until somebody, or nobody, subscribes.
#include <atomic>
#include <chrono>
#include <expected>
#include <optional>
#include <thread>

#include <ronbus/sync/backoff.hpp>

#include "buses.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

template <class Storage>
class Attendance : public OnEveryStorage<Storage> {};
TYPED_TEST_SUITE(Attendance, Storages, StorageName);

TYPED_TEST(Attendance, a_publisher_that_waits_for_subscribers_sleeps_until_enough_are_there) {
  const auto bus = TestFixture::open();
  std::expected<std::size_t, WaitError> present{0};
  Thread publisher{[&] { present = bus.wait_for_subscribers(2); }};
  publisher.wait_until_asleep();
  const auto first = bus.subscribe();
  publisher.wait_until_asleep();
  EXPECT_FALSE(publisher.is_done()) << "one is not enough";
  const auto second = first.resubscribe();
  publisher.join();
  EXPECT_EQ(present, 2U);
  EXPECT_EQ(bus.wait_for_subscribers(), 2U);
  EXPECT_EQ(bus.wait_for_subscribers(0), 2U);
}

TYPED_TEST(Attendance, waiting_for_nobody_sleeps_until_the_last_subscriber_has_gone) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open();
  EXPECT_TRUE(bus.wait_for_no_subscribers());
  std::optional<Subscriber<T>> first{bus.subscribe()};
  std::optional<Subscriber<T>> second{bus.subscribe()};
  std::expected<void, WaitError> gone{std::unexpect, WaitError::Closed};
  Thread waiting{[&] { gone = bus.wait_for_no_subscribers(); }};
  waiting.wait_until_asleep();
  first.reset();
  waiting.wait_until_asleep();
  EXPECT_FALSE(waiting.is_done()) << "one is left";
  second.reset();
  waiting.join();
  EXPECT_TRUE(gone);
  EXPECT_EQ(bus.subscriber_count(), 0U);
}

TYPED_TEST(Attendance, close_ends_the_wait_for_subscribers) {
  const auto bus = TestFixture::open();
  std::expected<std::size_t, WaitError> present{0};
  Thread publisher{[&] { present = bus.wait_for_subscribers(); }};
  publisher.wait_until_asleep();
  bus.close();
  publisher.join();
  EXPECT_EQ(present.error(), WaitError::Closed);
  EXPECT_EQ(bus.wait_for_subscribers().error(), WaitError::Closed) << "nobody need come any more";
}

TYPED_TEST(Attendance, after_close_one_can_wait_for_the_last_subscriber_to_go) {
  using T = typename TypeParam::Message;
  const auto bus = TestFixture::open();
  auto subscriber = std::make_optional(bus.subscribe());
  bus.publish(make<T>(1));
  std::expected<void, WaitError> gone{std::unexpect, WaitError::Closed};
  Thread waiting{[&] { gone = bus.wait_for_no_subscribers(); }};
  waiting.wait_until_asleep();
  bus.close();
  waiting.wait_until_asleep();
  EXPECT_FALSE(waiting.is_done()) << "a message is left to read";
  EXPECT_EQ(id_of<T>(subscriber->try_recv().value()), 1U);
  subscriber.reset();
  waiting.join();
  EXPECT_TRUE(gone);
}

TYPED_TEST(Attendance, waits_end_at_a_deadline_or_a_stop_and_look_first) {
  const auto bus = TestFixture::open();
  EXPECT_EQ(bus.wait_for_subscribers(1, 1ms).error(), WaitError::Timeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(bus.wait_for_subscribers(1, {}, stop.get_token()).error(), WaitError::Stopped);
  EXPECT_TRUE(bus.wait_for_no_subscribers(-1s, stop.get_token()));
  const auto subscriber = bus.subscribe();
  EXPECT_EQ(bus.wait_for_subscribers(1, -1s, stop.get_token()), 1U);
  EXPECT_EQ(bus.wait_for_no_subscribers(1ms).error(), WaitError::Timeout);
  EXPECT_EQ(bus.wait_for_no_subscribers({}, stop.get_token()).error(), WaitError::Stopped);
}

TYPED_TEST(Attendance, a_stop_request_wakes_whoever_waits) {
  const auto bus = TestFixture::open();
  std::stop_source stop;
  std::expected<std::size_t, WaitError> present{0};
  Thread publisher{[&] { present = bus.wait_for_subscribers(1, {}, stop.get_token()); }};
  publisher.wait_until_asleep();
  stop.request_stop();
  publisher.join();
  EXPECT_EQ(present.error(), WaitError::Stopped);
}

/// The wait counts a subscriber only when its start is fixed: else it could start behind what is
/// published after the wait.
TYPED_TEST(Attendance, who_was_waited_for_sees_all_that_is_published_then) {
  using T = typename TypeParam::Message;
  for (std::size_t round = 0; round < scaled(400); ++round) {
    const auto bus = TestFixture::open();
    Thread publisher{[&] {
      EXPECT_TRUE(bus.wait_for_subscribers());
      bus.publish(make<T>(7));
      bus.close();
    }};
    auto subscriber = bus.subscribe();
    const auto received = subscriber.recv();
    ASSERT_TRUE(received) << "round " << round;
    EXPECT_EQ(id_of<T>(*received), 7U);
  }
}

/// One comes and goes, the other waits for each change. The pauses differ from turn to turn, so
/// that every moment of falling asleep is met; a lost wake-up would leave both waiting.
TYPED_TEST(Attendance, no_coming_or_going_is_slept_through) {
  const auto bus = TestFixture::open();
  const std::size_t rounds = scaled(4000);
  std::atomic<std::size_t> changes_seen{0};
  Thread watcher{[&] {
    for (std::size_t i = 0; i < rounds; ++i) {
      EXPECT_TRUE(bus.wait_for_subscribers(1, 30s));
      ++changes_seen;
      EXPECT_TRUE(bus.wait_for_no_subscribers(30s));
      ++changes_seen;
    }
  }};
  const auto await_change = [&](std::size_t number) {
    while (changes_seen < number) std::this_thread::yield();
    for (std::size_t pause = number * 7 % 240; pause > 0; --pause) sync::cpu_relax();
  };
  for (std::size_t i = 0; i < rounds; ++i) {
    {
      const auto subscriber = bus.subscribe();
      await_change(2 * i + 1);
    }
    await_change(2 * i + 2);
  }
  watcher.join();
}

}  // namespace
}  // namespace ron::test
