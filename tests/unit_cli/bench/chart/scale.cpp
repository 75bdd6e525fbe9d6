// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/chart/scale.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::bench::chart {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

TEST(Scale, linear_goes_from_nothing_to_a_round_number) {
  const Scale scale = Scale::linear(43);
  EXPECT_THAT(scale.ticks(), ElementsAre(0, 10, 20, 30, 40, 50));
  EXPECT_DOUBLE_EQ(scale.at(0), 0);
  EXPECT_DOUBLE_EQ(scale.at(25), 0.5);
  EXPECT_DOUBLE_EQ(scale.at(50), 1);
}

TEST(Scale, linear_does_not_go_further_than_it_must) {
  EXPECT_DOUBLE_EQ(Scale::linear(50).high(), 50);
  EXPECT_DOUBLE_EQ(Scale::linear(0.3).high(), 0.3);
  EXPECT_THAT(Scale::linear(1e-9).ticks(), testing::SizeIs(testing::Le(6)));
}

TEST(Scale, of_nothing_but_zeros_is_usable) {
  const Scale scale = Scale::fitting(std::array{0.0, 0.0}, 0);
  EXPECT_FALSE(scale.is_logarithmic());
  EXPECT_DOUBLE_EQ(scale.at(0), 0);
}

TEST(Scale, logarithmic_has_round_ends) {
  EXPECT_DOUBLE_EQ(Scale::logarithmic(2.3, 180).low(), 2);
  EXPECT_DOUBLE_EQ(Scale::logarithmic(0.1, 180).low(), 0.1);
  EXPECT_DOUBLE_EQ(Scale::logarithmic(2.3, 180).high(), 200);
  EXPECT_DOUBLE_EQ(Scale::logarithmic(2.3, 1000).high(), 1000);
}

TEST(Scale, leaves_the_shortest_bar_some_length) {
  EXPECT_THAT(Scale::fitting(std::array{2.3, 180.0}, 0, 2).low(), DoubleNear(1, 1e-12));
  EXPECT_THAT(Scale::fitting(std::array{1.1, 180.0}, 0, 2).low(), DoubleNear(0.1, 1e-12));
}

TEST(Scale, logarithmic_gives_each_power_the_same_room) {
  const Scale scale = Scale::logarithmic(10, 100000);
  EXPECT_THAT(scale.ticks(), Pointwise(DoubleNear(1e-6), {10.0, 100.0, 1e3, 1e4, 1e5}));
  EXPECT_THAT(scale.at(1000), DoubleNear(0.5, 1e-12));
}

TEST(Scale, logarithmic_has_few_ticks_over_many_powers) {
  EXPECT_LE(Scale::logarithmic(1e-3, 1e12).ticks().size(), 6U);
}

TEST(Scale, is_logarithmic_only_beyond_thirty_times) {
  EXPECT_FALSE(Scale::fitting(std::array{1.0, 30.0}, 0).is_logarithmic());
  EXPECT_TRUE(Scale::fitting(std::array{1.0, 30.1}, 0).is_logarithmic());
  EXPECT_TRUE(Scale::fitting(std::array{0.0, 1.0, 31.0}, 0).is_logarithmic());
}

TEST(Scale, of_values_that_nobody_measures_is_usable) {
  EXPECT_LE(Scale::fitting(std::array{5e-324, 1e300}, 0).ticks().size(), 6U);
  EXPECT_LE(Scale::linear(5e-324).ticks().size(), 7U);
}

TEST(Scale, reaches_what_it_is_told_to) {
  EXPECT_GE(Scale::fitting(std::array{1.0, 2.0}, 7).high(), 7);
  EXPECT_GE(Scale::fitting(std::array{1.0, 200.0}, 700).high(), 700);
}

TEST(Scale, puts_what_lies_outside_on_its_ends) {
  for (const Scale& scale : {Scale::linear(10), Scale::logarithmic(1, 100)}) {
    EXPECT_DOUBLE_EQ(scale.at(-1), 0);
    EXPECT_DOUBLE_EQ(scale.at(1e9), 1);
  }
}

}  // namespace
}  // namespace ron::cli::bench::chart
