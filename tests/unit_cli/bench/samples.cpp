// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Cell kCell{.case_number = 0, .contender = 1};
constexpr Cell kOther{.case_number = 1, .contender = 0};

TEST(BenchSamples, only_whole_rounds_count) {
  Samples samples;
  samples.add(kCell, {{"ns", 100}});
  samples.discard_round();
  for (const double value : {3.0, 1.0}) {
    samples.add(kCell, {{"ns", value}});
    samples.keep_round();
  }
  samples.add(kCell, {{"ns", 7}});
  ASSERT_THAT(samples.metrics_of(kCell), SizeIs(1));
  EXPECT_THAT(samples.metrics_of(kCell).front().samples, ElementsAre(3, 1));
}

TEST(BenchSamples, a_dropped_cell_has_no_figure_and_leaves_the_others_alone) {
  Samples samples;
  samples.add(kCell, {{"ns", 1}});
  samples.add(kOther, {{"ns", 2}});
  samples.keep_round();
  samples.add(kCell, {{"ns", 1}});
  samples.drop(kCell);
  samples.keep_round();
  EXPECT_THAT(samples.metrics_of(kCell), IsEmpty());
  EXPECT_THAT(samples.metrics_of(kOther), SizeIs(1));
}

TEST(BenchSamples, metrics_come_in_the_order_in_which_they_are_shown) {
  Samples samples;
  samples.add(kCell, {{"max_ns", 3}, {"something", 9}, {"p50_ns", 1}, {"p99_ns", 2}});
  samples.keep_round();
  std::vector<std::string> names;
  for (const Metric& metric : samples.metrics_of(kCell)) names.push_back(metric.name);
  EXPECT_THAT(names, ElementsAre("p50_ns", "p99_ns", "max_ns", "something"));
}

}  // namespace
}  // namespace ron::cli::bench
