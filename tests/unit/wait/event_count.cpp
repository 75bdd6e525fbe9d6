// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/wait/event_count.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/sync/attention.hpp>

#include "threads.hpp"

namespace ron::wait {
namespace {

using namespace std::chrono_literals;
using sync::Attention;
using sync::FenceKind;
using test::Thread;

class EventCountTest : public testing::TestWithParam<FenceKind> {
 protected:
  EventCountTest() {
    // Registers the process for the heavy fence.
    if (GetParam() == FenceKind::Membarrier) available_ = sync::membarrier_available();
  }
  void SetUp() override {
    if (!available_) GTEST_SKIP() << "no membarrier here";
  }

  void raise_value() {
    value_.store(true, std::memory_order_relaxed);
    if ((attention_.after_access() & Attention::kSleepers) != 0) event_.notify();
  }
  [[nodiscard]] WaitStatus wait(const Deadline& deadline = {}, const std::stop_token& stop = {}) {
    return event_.wait([this] { return value_.load(std::memory_order_relaxed); }, deadline, stop);
  }

  bool available_ = true;
  Attention attention_{GetParam()};
  EventCount event_{attention_};
  std::atomic<bool> value_{false};
};

INSTANTIATE_TEST_SUITE_P(All, EventCountTest,
                         testing::Values(FenceKind::Membarrier, FenceKind::SeqCst),
                         [](const auto& which) {
                           return which.param == FenceKind::SeqCst ? "Portable" : "Membarrier";
                         });

TEST_P(EventCountTest, does_not_sleep_when_the_condition_holds) {
  value_ = true;
  EXPECT_EQ(wait(), WaitStatus::Ready);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(wait(std::chrono::steady_clock::now(), stop.get_token()), WaitStatus::Ready)
      << "the condition comes before deadline and stop";
}

TEST_P(EventCountTest, ends_at_a_deadline_or_a_stop) {
  EXPECT_EQ(wait(std::chrono::steady_clock::now() - 1s), WaitStatus::Timeout);
  EXPECT_EQ(wait(std::chrono::steady_clock::now() + 1ms), WaitStatus::Timeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(wait({}, stop.get_token()), WaitStatus::Stopped);
}

TEST_P(EventCountTest, a_notifier_wakes_every_sleeper) {
  std::array<WaitStatus, 3> answers{};
  answers.fill(WaitStatus::Timeout);
  std::vector<std::unique_ptr<Thread>> sleepers;
  for (WaitStatus& answer : answers) {
    sleepers.push_back(std::make_unique<Thread>([&] { answer = wait(); }));
  }
  for (const auto& sleeper : sleepers) sleeper->wait_until_asleep();
  EXPECT_NE(attention_.peek() & Attention::kSleepers, 0U);
  raise_value();
  for (const auto& sleeper : sleepers) sleeper->join();
  EXPECT_EQ(attention_.peek() & Attention::kSleepers, 0U) << "whoever wakes lowers the flag";
  for (const WaitStatus answer : answers) EXPECT_EQ(answer, WaitStatus::Ready);
}

TEST_P(EventCountTest, a_sleeper_woken_without_cause_goes_on_sleeping) {
  WaitStatus answer = WaitStatus::Timeout;
  Thread sleeper{[&] { answer = wait(); }};
  for (int i = 0; i < 3; ++i) {
    sleeper.wait_until_asleep();
    event_.wake_all();
  }
  sleeper.wait_until_asleep();
  EXPECT_FALSE(sleeper.is_done());
  raise_value();
  sleeper.join();
  EXPECT_EQ(answer, WaitStatus::Ready);
}

TEST_P(EventCountTest, a_stop_wakes_a_sleeper) {
  WaitStatus answer = WaitStatus::Timeout;
  std::stop_source stop;
  Thread sleeper{[&] { answer = wait({}, stop.get_token()); }};
  sleeper.wait_until_asleep();
  stop.request_stop();
  sleeper.join();
  EXPECT_EQ(answer, WaitStatus::Stopped);
}

/// Two threads hand a turn to each other. Each answers after a pause that changes from turn to
/// turn, so that every moment of falling asleep is met; a lost wake-up would leave both asleep.
TEST_P(EventCountTest, no_wake_up_is_lost_when_two_threads_take_turns) {
  const std::size_t turns = test::scaled(40'000);
  std::atomic<std::size_t> turn{0};
  std::atomic<bool> lost{false};
  const auto play = [&](std::size_t parity) {
    for (std::size_t mine = parity; mine < turns && !lost; mine += 2) {
      // relaxed and release: all that is ordered beyond that is the event count's doing.
      const auto is_mine = [&] { return lost || turn.load(std::memory_order_acquire) == mine; };
      if (event_.wait(is_mine, std::chrono::steady_clock::now() + 30s, {}) != WaitStatus::Ready) {
        lost = true;
      }
      for (std::size_t pause = mine * 7 % 240; pause > 0; --pause) sync::cpu_relax();
      turn.store(mine + 1, std::memory_order_release);
      if ((attention_.after_access() & Attention::kSleepers) != 0) event_.notify();
    }
  };
  Thread even{[&] { play(0); }};
  Thread odd{[&] { play(1); }};
  even.join();
  odd.join();
  EXPECT_FALSE(lost);
  EXPECT_EQ(turn, turns);
}

}  // namespace
}  // namespace ron::wait
