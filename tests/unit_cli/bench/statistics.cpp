// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::bench {
namespace {

using testing::ElementsAre;

TEST(BenchStatistics, of_five_samples_the_quartiles_are_samples) {
  const Metric metric = summarise("ns", {5, 1, 4, 2, 3});
  EXPECT_EQ(metric.name, "ns");
  EXPECT_EQ(metric.median, 3);
  EXPECT_EQ(metric.q1, 2);
  EXPECT_EQ(metric.q3, 4);
  EXPECT_EQ(metric.min, 1);
  EXPECT_EQ(metric.max, 5);
  EXPECT_THAT(metric.samples, ElementsAre(5, 1, 4, 2, 3)) << "in the order of the rounds";
}

TEST(BenchStatistics, between_samples_a_quantile_is_interpolated) {
  const Metric metric = summarise("ns", {10, 20, 30, 50});
  EXPECT_DOUBLE_EQ(metric.median, 25);
  EXPECT_DOUBLE_EQ(metric.q1, 17.5);
  EXPECT_DOUBLE_EQ(metric.q3, 35);
}

TEST(BenchStatistics, one_sample_is_everything) {
  const Metric metric = summarise("ns", {7});
  for (const double value : {metric.median, metric.q1, metric.q3, metric.min, metric.max}) {
    EXPECT_EQ(value, 7);
  }
  EXPECT_EQ(spread(metric), 0);
}

TEST(BenchStatistics, spread_is_a_share_of_the_median) {
  EXPECT_DOUBLE_EQ(spread(summarise("ns", {1, 2, 3, 4, 5})), 2.0 / 3);
  EXPECT_EQ(spread(summarise("lost_share", {0, 0, 0, 0, 1})), 0);
}

}  // namespace
}  // namespace ron::cli::bench
