// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/noise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/bench/statistics.hpp"

namespace ron::cli::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Result floors_result(std::string workload, std::string metric, std::vector<double> samples) {
  return {.workload = std::move(workload),
          .case_name = "xadd",
          .system = "floor",
          .parameters = {},
          .metrics = {summarise(std::move(metric), std::move(samples))}};
}

TEST(BenchNoise, others_may_use_a_twentieth_of_the_processors) {
  EXPECT_THAT(notes_on_noise({}, 0.05), IsEmpty());
  EXPECT_THAT(notes_on_noise({}, 0.12), ElementsAre("other processes used 12 % of the processors"));
}

TEST(BenchNoise, quartiles_of_a_floor_may_be_a_tenth_apart) {
  EXPECT_THAT(notes_on_noise({floors_result("floors", "ns", {95, 95, 100, 104, 104})}, 0),
              IsEmpty());
  EXPECT_THAT(notes_on_noise({floors_result("floors", "ns", {90, 90, 100, 110, 110})}, 0),
              ElementsAre("the quartiles of the floor 'xadd' are 20 % of its median apart"));
}

TEST(BenchNoise, tails_and_other_workloads_may_move) {
  EXPECT_THAT(
      notes_on_noise({floors_result("floors", "max_ns", {1, 10, 100, 1000, 10'000}),
                      floors_result("gated", "deliveries_per_s", {1, 10, 100, 1000, 10'000})},
                     0),
      IsEmpty());
}

}  // namespace
}  // namespace ron::cli::bench
