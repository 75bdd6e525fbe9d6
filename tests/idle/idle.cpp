// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Who waits uses no processor time and is not woken for nothing. What is asserted is the time the
// thread ran, which does not depend on how busy the machine is; nothing is asserted about how long
// anything took.
//
//     IDLE_SECONDS=10 build/release/tests/idle/idle --gtest_filter='*two_hundred*'
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#include <ronbus/ronbus.hpp>

#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

/// What the calling thread has used so far.
struct Usage {
  std::chrono::nanoseconds processor;
  long sleeps;

  static Usage now() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    return {std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec},
            used.ru_nvcsw};
  }
};

/// Lets the thread that runs `wait` sleep for a second, ends its wait by `end`, and checks what it
/// used meanwhile.
template <class Wait, class End>
void expect_idle(const Wait& wait, const End& end) {
  Usage before{};
  Usage after{};
  Thread sleeper{[&] {
    before = Usage::now();
    wait();
    after = Usage::now();
  }};
  sleeper.wait_until_asleep();
  std::this_thread::sleep_for(1s);
  EXPECT_FALSE(sleeper.is_done());
  end();
  sleeper.join();
  EXPECT_LT(after.processor - before.processor, 20ms);
  // One sleep, a few yields before it, and what a lock of the sanitizers may add.
  EXPECT_LT(after.sleeps - before.sleeps, 20);
}

/// What all threads of this process have used so far.
std::chrono::nanoseconds process_time() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// How long 200 subscribers are looked at: a second, or what IDLE_SECONDS says.
std::chrono::seconds quiet_time() {
  const char* const told = std::getenv("IDLE_SECONDS");
  return std::chrono::seconds{told == nullptr ? 1 : std::atoi(told)};
}

class Idle : public testing::TestWithParam<FencePolicy> {
 protected:
  template <class T>
  static Bus<T> open(bool sole) {
    return BusBuilder{}
        .environment([](std::string_view) { return std::nullopt; })
        .cap(4)
        .fence(GetParam())
        .single_publisher(sole)
        .template build<T>()
        .value();
  }
};

INSTANTIATE_TEST_SUITE_P(All, Idle, testing::Values(FencePolicy::Auto, FencePolicy::Portable),
                         [](const auto& which) {
                           return which.param == FencePolicy::Portable ? "Portable" : "Auto";
                         });

TEST_P(Idle, a_subscriber_that_waits_for_a_message_uses_no_processor_time) {
  const auto bus = open<std::string>(false);
  auto subscriber = bus.subscribe();
  expect_idle([&] { EXPECT_TRUE(subscriber.recv().has_value()); }, [&] { bus.publish("end"); });
}

TEST_P(Idle, a_subscriber_of_a_sole_publisher_uses_none_either) {
  const auto bus = open<std::uint64_t>(true);
  auto subscriber = bus.subscribe();
  expect_idle([&] { EXPECT_TRUE(subscriber.recv().has_value()); }, [&] { bus.publish(1); });
}

TEST_P(Idle, nor_does_one_that_waits_with_a_deadline_and_a_stop_token) {
  const auto bus = open<std::uint64_t>(false);
  auto subscriber = bus.subscribe();
  std::stop_source stop;
  expect_idle(
      [&] { EXPECT_EQ(subscriber.recv_for(1h, stop.get_token()).error(), RecvError::Stopped); },
      [&] { stop.request_stop(); });
}

TEST_P(Idle, a_publisher_that_waits_for_room_uses_no_processor_time) {
  const auto bus = open<std::uint64_t>(true);
  auto subscriber = bus.subscribe({.gating = true});
  auto publisher = bus.publisher().value();
  while (publisher.try_publish(1)) {
  }
  expect_idle([&] { EXPECT_TRUE(publisher.publish_wait(2).has_value()); },
              [&] { EXPECT_TRUE(subscriber.try_recv().has_value()); });
}

TEST_P(Idle, two_hundred_subscribers_without_traffic_use_no_processor_time) {
  const auto bus = open<std::uint64_t>(false);
  std::vector<std::unique_ptr<Thread>> sleepers;
  for (int i = 0; i < 200; ++i) {
    sleepers.push_back(std::make_unique<Thread>([subscriber = bus.subscribe()]() mutable {
      EXPECT_EQ(subscriber.recv().error(), RecvError::Closed);
    }));
  }
  for (const auto& sleeper : sleepers) sleeper->wait_until_asleep();
  const std::chrono::nanoseconds before = process_time();
  std::this_thread::sleep_for(quiet_time());
  const std::chrono::nanoseconds used = process_time() - before;
  bus.close();
  for (const auto& sleeper : sleepers) sleeper->join();
  EXPECT_LT(used, 5ms) << "by the whole process";
  std::cout << std::chrono::duration<double, std::milli>{used}.count()
            << " ms of processor time in " << quiet_time().count() << " s\n";
}

TEST_P(Idle, other_buses_wake_nobody) {
  const auto bus = open<std::uint64_t>(false);
  const auto other = open<std::uint64_t>(false);
  auto subscriber = bus.subscribe();
  const auto deaf = other.subscribe();
  expect_idle([&] { EXPECT_TRUE(subscriber.recv().has_value()); },
              [&] {
                for (std::uint64_t i = 0; i < 100'000; ++i) other.publish(i);
                bus.publish(1);
              });
}

}  // namespace
}  // namespace ron::test
