// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/sync/atomic_pair.hpp"

#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ron::sync {
namespace {

class AtomicPairs : public testing::Test {
 protected:
  void SetUp() override {
    if (!kAtomicPairs) GTEST_SKIP() << "no atomic pairs on this architecture";
    pair.initialize({.first = 1, .second = 2});
  }
  void expect(std::uint64_t first, std::uint64_t second) const {
    EXPECT_EQ(pair.first(std::memory_order_relaxed), first);
    EXPECT_EQ(pair.second(std::memory_order_relaxed), second);
  }

  AtomicPair pair;
};

TEST_F(AtomicPairs, both_words_are_replaced_when_both_are_as_expected) {
  EXPECT_TRUE(pair.compare_exchange({.first = 1, .second = 2}, {.first = 3, .second = 4}));
  expect(3, 4);
}

TEST_F(AtomicPairs, nothing_is_replaced_when_either_word_differs) {
  EXPECT_FALSE(pair.compare_exchange({.first = 9, .second = 2}, {.first = 3, .second = 4}));
  EXPECT_FALSE(pair.compare_exchange({.first = 1, .second = 9}, {.first = 3, .second = 4}));
  expect(1, 2);
}

TEST_F(AtomicPairs, no_exchange_is_lost_between_threads) {
  constexpr std::uint64_t kEach = 20'000;
  constexpr std::uint64_t kThreads = 3;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([this] {
        std::uint64_t done = 0;
        while (done < kEach) {
          const std::uint64_t first = pair.first(std::memory_order_acquire);
          // Fails unless the words belong together.
          const AtomicPair::Value next{.first = first + 1, .second = 2 * (first + 1)};
          if (pair.compare_exchange({.first = first, .second = 2 * first}, next)) ++done;
        }
      });
    }
  }
  expect(1 + kThreads * kEach, 2 * (1 + kThreads * kEach));
}

}  // namespace
}  // namespace ron::sync
