// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/units.hpp"

#include <gtest/gtest.h>

namespace ron::cli::bench {
namespace {

TEST(BenchUnits, a_value_has_three_digits_and_its_unit) {
  EXPECT_EQ(shown("ns_per_publish", 1.386), "1.39 ns");
  EXPECT_EQ(shown("p999_ns", 4312), "4.31 µs");
  EXPECT_EQ(shown("max_ns", 12'345'678), "12.3 ms");
  EXPECT_EQ(shown("deliveries_per_s", 123'456'789), "123 M");
  EXPECT_EQ(shown("publishes_per_s", 9'500), "9500");
  EXPECT_EQ(shown("lost_share", 0.005), "0.50 %");
  EXPECT_EQ(shown("bytes_per_bus", 20'480), "20.0 KiB");
  EXPECT_EQ(shown("count", 12'345), "12345");
  EXPECT_EQ(shown("allocations_per_message", 0), "0.00");
}

TEST(BenchUnits, only_of_rates_and_counts_more_is_better) {
  EXPECT_FALSE(less_is_better("deliveries_per_s"));
  EXPECT_FALSE(less_is_better("count"));
  for (const char* const metric :
       {"ns", "ns_per_publish", "p50_ns", "lost_share", "bytes_per_subscriber"}) {
    EXPECT_TRUE(less_is_better(metric)) << metric;
  }
}

TEST(BenchUnits, headings_are_short) {
  EXPECT_EQ(heading("p999_ns"), "p99.9");
  EXPECT_EQ(heading("ns_per_publish"), "publish");
  EXPECT_EQ(heading("deliveries_per_s"), "deliveries/s");
  EXPECT_EQ(heading("allocations_per_message"), "allocations/message");
}

}  // namespace
}  // namespace ron::cli::bench
