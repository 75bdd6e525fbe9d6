// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/pacer.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace ron::cli {
namespace {

using namespace std::chrono_literals;
using Time = Pacer::Clock::time_point;

constexpr Time kStart = Time{} + 1h;

TEST(Pacer, bursts_come_at_the_pace_that_was_asked_for) {
  for (const double pace : {100.0, 5000.0, 500'000.0, 1e9}) {
    Pacer pacer{pace};
    ASSERT_TRUE(pacer.has_limit());
    ASSERT_GE(pacer.burst(), 1U);
    const Time first = pacer.next(kStart);
    Time due = first;
    constexpr int kBursts = 1000;
    for (int i = 0; i < kBursts; ++i) due = pacer.next(due);
    const double seconds = std::chrono::duration<double>{due - first}.count();
    EXPECT_NEAR(kBursts * static_cast<double>(pacer.burst()) / seconds, pace, pace * 0.01);
  }
}

TEST(Pacer, lost_time_is_made_up_for_within_limits) {
  Pacer pacer{10'000};  // a burst each millisecond
  (void)pacer.next(kStart);
  int at_once = 0;
  const Time late = kStart + 1s;
  while (pacer.next(late) <= late) ++at_once;
  EXPECT_GE(at_once, 2);
  EXPECT_LE(at_once, 8);
}

TEST(Pacer, without_a_pace_nothing_is_waited_for) {
  Pacer pacer{0};
  EXPECT_FALSE(pacer.has_limit());
  EXPECT_GE(pacer.burst(), 1U);
}

}  // namespace
}  // namespace ron::cli
