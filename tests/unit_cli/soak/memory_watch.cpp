// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/soak/memory_watch.hpp"

#include <gtest/gtest.h>

namespace ron::cli::soak {
namespace {

TEST(SoakMemory, growth_is_seen_from_the_first_warm_sample) {
  MemoryWatch watch;
  watch.sample(100, false);
  EXPECT_EQ(watch.growth_kib(), 0U);
  watch.sample(500, true);
  EXPECT_EQ(watch.growth_kib(), 0U);
  watch.sample(530, true);
  watch.sample(490, true);
  EXPECT_EQ(watch.growth_kib(), 30U);
  EXPECT_EQ(watch.last_kib(), 490U);
}

TEST(SoakMemory, this_process_has_some) { EXPECT_GT(resident_kib(), 500U); }

}  // namespace
}  // namespace ron::cli::soak
