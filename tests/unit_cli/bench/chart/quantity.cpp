// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/chart/quantity.hpp"

#include <gtest/gtest.h>

#include "cli/bench/chart/spread.hpp"

namespace ron::cli::bench::chart {
namespace {

TEST(Quantity, has_three_significant_digits_and_a_unit_that_fits) {
  EXPECT_EQ(shown(Unit::Time, 0.354), "0.35\u00a0ns");
  EXPECT_EQ(shown(Unit::Time, 4.314), "4.31\u00a0ns");
  EXPECT_EQ(shown(Unit::Time, 43.14), "43.1\u00a0ns");
  EXPECT_EQ(shown(Unit::Time, 431.4), "431\u00a0ns");
  EXPECT_EQ(shown(Unit::Time, 4314), "4.31\u00a0µs");
  EXPECT_EQ(shown(Unit::Time, 4.3e6), "4.30\u00a0ms");
  EXPECT_EQ(shown(Unit::Time, 2.5e9), "2.50\u00a0s");
  EXPECT_EQ(shown(Unit::Rate, 12.34e6), "12.3\u00a0M/s");
  EXPECT_EQ(shown(Unit::Rate, 950), "950\u00a0/s");
  EXPECT_EQ(shown(Unit::Bytes, 1536), "1.50\u00a0KiB");
  EXPECT_EQ(shown(Unit::Bytes, 1000), "1000\u00a0B");
}

TEST(Quantity, takes_the_next_unit_when_rounding_reaches_it) {
  EXPECT_EQ(shown(Unit::Time, 999.4), "999\u00a0ns");
  EXPECT_EQ(shown(Unit::Time, 999.6), "1.00\u00a0µs");
  EXPECT_EQ(shown(Unit::Time, 9.996), "10.0\u00a0ns");
  EXPECT_EQ(shown(Unit::Time, 99.96), "100\u00a0ns");
  EXPECT_EQ(shown(Unit::Rate, 999.96e3), "1.00\u00a0M/s");
}

TEST(Quantity, groups_digits_by_thin_blanks_from_five_on) {
  EXPECT_EQ(shown(Unit::Count, 1024), "1024");
  EXPECT_EQ(shown(Unit::Count, 10000), "10\u202f000");
  EXPECT_EQ(shown(Unit::Count, 1234567), "1\u202f234\u202f567");
  EXPECT_EQ(shown(Unit::Time, 12345e9), "12\u202f345\u00a0s");
  EXPECT_EQ(shown(Unit::Count, 1.25), "1.25");
}

TEST(Quantity, a_share_is_nothing_or_everything_only_if_it_is) {
  EXPECT_EQ(shown(Unit::Share, 0), "0\u00a0%");
  EXPECT_EQ(shown(Unit::Share, 0.00001), "<\u00a00.01\u00a0%");
  EXPECT_EQ(shown(Unit::Share, 0.0004), "0.04\u00a0%");
  EXPECT_EQ(shown(Unit::Share, 0.43), "43.0\u00a0%");
  EXPECT_EQ(shown(Unit::Share, 0.9996), "99.96\u00a0%");
  EXPECT_EQ(shown(Unit::Share, 0.99999), ">\u00a099.99\u00a0%");
  EXPECT_EQ(shown(Unit::Share, 1), "100\u00a0%");
}

TEST(Quantity, ticks_and_aims_have_no_zeros_that_say_nothing) {
  EXPECT_EQ(shown_tick(Unit::Time, 0), "0");
  EXPECT_EQ(shown_tick(Unit::Time, 10000), "10\u00a0µs");
  EXPECT_EQ(shown_tick(Unit::Rate, 2.5e6), "2.5\u00a0M/s");
  EXPECT_EQ(shown_tick(Unit::Share, 1), "100\u00a0%");
  EXPECT_EQ(shown_aim(4), "4×");
  EXPECT_EQ(shown_aim(1.15), "1.15×");
  EXPECT_EQ(shown_quotient(4), "4.00×");
}

TEST(Spread, is_described_in_one_phrase) {
  EXPECT_EQ(described(Unit::Time, {.median = 4, .q1 = 3, .q3 = 5, .min = 2, .max = 6, .rounds = 5}),
            "median 4.00\u00a0ns, quartiles 3.00\u00a0ns to 5.00\u00a0ns, extremes 2.00\u00a0ns to "
            "6.00\u00a0ns, 5 rounds");
}

}  // namespace
}  // namespace ron::cli::bench::chart
