// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Signals that interrupt system calls again and again, and clocks that are set, during every call
// that blocks.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <ronbus/ronbus.hpp>

#include "any_bus.hpp"
#include "faulty.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

std::atomic<int> signals{0};
void count_signal(int) { signals.fetch_add(1, std::memory_order_relaxed); }

/// Interrupts the thread that made it every 100 us, as long as it lives.
class Storm {
 public:
  Storm() {
    struct sigaction action{};
    action.sa_handler = count_signal;  // without SA_RESTART
    ::sigaction(SIGUSR1, &action, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGUSR1;
    event._sigev_un._tid = ::gettid();
    ::timer_create(CLOCK_MONOTONIC, &event, &timer_);
    const itimerspec often{.it_interval = {0, 100'000}, .it_value = {0, 100'000}};
    ::timer_settime(timer_, 0, &often, nullptr);
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;
  ~Storm() { ::timer_delete(timer_); }

  /// Returns once there were some, or the thread under them has ended.
  static void rages_on(const Thread& thread) {
    const int before = signals;
    while (signals - before < 10 && !thread.is_done()) std::this_thread::sleep_for(200us);
  }

 private:
  ::timer_t timer_{};
};

/// `wait()` must go on through the signals until `end()` is called, also after `meanwhile()`.
void through_a_storm(
    const char* what, const std::function<void()>& wait, const std::function<void()>& end,
    const std::function<void()>& meanwhile = [] {}) {
  SCOPED_TRACE(what);
  Thread waiter{[&] {
    const Storm storm;
    wait();
  }};
  Storm::rages_on(waiter);
  meanwhile();
  Storm::rages_on(waiter);
  EXPECT_FALSE(waiter.is_done());
  end();
}

TEST(SignalStorm, ends_no_receive) {
  for (const Storage storage : {Storage::DenseWord, Storage::PinnedString}) {
    for (const BusMode mode : {BusMode::Classic, BusMode::Edge}) {
      const auto bus = make_bus({.storage = storage, .mode = mode});
      const auto rx = bus->subscribe(false);
      Id next = 0;
      for (const Way way : kAllWays) {
        if (!can_wait(way)) continue;
        through_a_storm(
            name_of(way).c_str(), [&] { EXPECT_EQ(rx->wait(way, 1h, {}), message(next)); },
            [&] { bus->publish(next); });
        ++next;
      }
      EXPECT_EQ(rx->received(), next);
    }
  }
}

TEST(SignalStorm, ends_no_other_wait) {
  const auto bus = faulty_bus<Text>(2);
  std::optional rx{bus.subscribe({.gating = true})};
  auto publisher = bus.publisher().value();
  publisher.emplace(0U);
  publisher.emplace(1U);
  const auto read_one = [&] { EXPECT_TRUE(rx->try_recv()); };
  through_a_storm(
      "publish_wait", [&] { EXPECT_EQ(publisher.publish_wait(Text{2}, 1h), 1U); }, read_one);
  through_a_storm(
      "drain", [&] { EXPECT_TRUE(bus.drain(1h).empty()); }, [&] { read_one(), read_one(); });
  through_a_storm(
      "Selector::wait",
      [&] {
        Selector selector{*rx};
        EXPECT_EQ(selector.wait(1h), 0U);
      },
      [&] { publisher.emplace(3U); });
  std::optional<Subscriber<Text>> more;
  through_a_storm(
      "wait_for_subscribers", [&] { EXPECT_EQ(bus.wait_for_subscribers(2, 1h), 2U); },
      [&] { more.emplace(bus.subscribe()); });
  through_a_storm(
      "wait_for_no_subscribers", [&] { EXPECT_TRUE(bus.wait_for_no_subscribers(1h)); },
      [&] { more.reset(), rx.reset(); });
}

TEST(SignalStorm, brings_no_deadline_forward) {
  const auto bus = make_bus({.storage = Storage::PinnedString});
  const auto rx = bus->subscribe(false);
  const Storm storm;
  for (const Way way : kAllWays) {
    if (!can_wait(way) || way == Way::Recv) continue;
    const auto until = std::chrono::steady_clock::now() + 2ms;
    EXPECT_EQ(rx->wait(way, until, {}), kTimeout) << name_of(way);
    EXPECT_GE(std::chrono::steady_clock::now(), until);
  }
}

/// As std::chrono::system_clock, but here it can be set without setting that of the machine.
struct WallClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
  static time_point now() {
    return time_point{std::chrono::steady_clock::now().time_since_epoch() + offset.load()};
  }
  static void step(duration by) { offset = offset.load() + by; }
  static inline std::atomic<duration> offset{duration{0}};
};

TEST(ClockStep, after_the_call_moves_no_deadline) {
  const auto bus = faulty_bus<Text>();
  auto rx = bus.subscribe();
  const auto in_an_hour = [] { return WallClock::now() + 1h; };
  // The signals let it look at its deadline again.
  through_a_storm(
      "recv_until", [&] { EXPECT_TRUE(rx.recv_until(in_an_hour())); }, [&] { bus.emplace(1U); },
      [] { WallClock::step(24h); });
  const Thread waiter{
      [&] { EXPECT_EQ(rx.recv_until(WallClock::now() + 20ms).error(), RecvError::Timeout); }};
  waiter.wait_until_asleep();
  WallClock::step(-24h);
}

TEST(ClockStep, before_the_call_is_part_of_the_time_that_was_asked_for) {
  const auto bus = faulty_bus<Text>();
  auto rx = bus.subscribe();
  const auto in_an_hour = WallClock::now() + 1h;
  WallClock::step(2h);
  EXPECT_EQ(rx.recv_until(in_an_hour).error(), RecvError::Timeout) << "it has passed by that clock";
}

}  // namespace
}  // namespace ron::test
