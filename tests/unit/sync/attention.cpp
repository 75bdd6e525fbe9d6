// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/sync/attention.hpp"

#include <atomic>
#include <cstddef>

#include <gtest/gtest.h>

#include <ronbus/sync/cache_line.hpp>

#include "meeting.hpp"
#include "threads.hpp"

namespace ron::sync {
namespace {

using test::Meeting;
using test::pause;
using test::stay_on_processor;

class AttentionTest : public testing::TestWithParam<FenceKind> {
 protected:
  void SetUp() override {
    if (GetParam() == FenceKind::Membarrier && !membarrier_available()) {
      GTEST_SKIP() << "no membarrier here";
    }
  }
};

INSTANTIATE_TEST_SUITE_P(All, AttentionTest,
                         testing::Values(FenceKind::Membarrier, FenceKind::SeqCst),
                         [](const auto& which) {
                           return which.param == FenceKind::SeqCst ? "Portable" : "Membarrier";
                         });

/// The promise that sleeping and closing rest on. Wrong fences show only where two processors meet
/// within nanoseconds: the pauses change so that they do.
TEST_P(AttentionTest, of_two_that_write_and_then_look_at_least_one_sees_the_other) {
  const std::size_t rounds = test::scaled(4'000);
  Attention attention{GetParam()};
  Meeting meeting;
  alignas(kCacheLine) std::atomic<std::size_t> ring{0};
  alignas(kCacheLine) std::atomic<bool> saw_flag{false};
  std::size_t blind = 0;
  test::Thread hot{[&] {
    stay_on_processor(0);
    for (std::size_t round = 1; round <= rounds; ++round) {
      meeting.arrive(meeting.hot, meeting.rare);
      pause(round * 7 % 19);
      ring.store(round, std::memory_order_relaxed);
      const Attention::Flags flags = attention.after_access();
      saw_flag.store((flags & Attention::kSleepers) != 0, std::memory_order_relaxed);
      meeting.arrive(meeting.hot, meeting.rare);
    }
  }};
  test::Thread rare{[&] {
    stay_on_processor(1);
    for (std::size_t round = 1; round <= rounds; ++round) {
      meeting.arrive(meeting.rare, meeting.hot);
      pause(round * 5 % 23);
      attention.raise(Attention::kSleepers);
      attention.barrier();
      const bool saw_ring = ring.load(std::memory_order_relaxed) == round;
      meeting.arrive(meeting.rare, meeting.hot);
      blind += !saw_ring && !saw_flag.load(std::memory_order_relaxed);
      attention.serve(Attention::kSleepers, [] { return true; });
    }
  }};
  hot.join();
  rare.join();
  EXPECT_EQ(blind, 0U);
}

TEST_P(AttentionTest, flags_stay_apart) {
  Attention attention{GetParam()};
  attention.raise(Attention::kClosing);
  EXPECT_EQ(attention.after_access(), Attention::kClosing);
  attention.raise(Attention::kSleepers);
  EXPECT_EQ(attention.after_access(), Attention::kClosing | Attention::kSleepers);
  int served = 0;
  attention.serve(Attention::kSleepers, [&] {
    ++served;
    attention.raise(Attention::kSleepers);
    return true;
  });
  EXPECT_EQ(attention.peek(), Attention::kClosing | Attention::kSleepers)
      << "raised again while it was served";
  attention.serve(Attention::kSleepers, [&] { return ++served == 0; });
  EXPECT_EQ(attention.peek(), Attention::kClosing | Attention::kSleepers) << "somebody is left";
  for (int i = 0; i < 2; ++i) attention.serve(Attention::kSleepers, [&] { return ++served > 0; });
  EXPECT_EQ(served, 3) << "not served once it is lowered";
  EXPECT_EQ(attention.after_access(), Attention::kClosing);
  EXPECT_EQ(attention.peek(), Attention::kClosing);
}

}  // namespace
}  // namespace ron::sync
