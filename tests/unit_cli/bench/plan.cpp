// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/plan.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::bench {
namespace {

using testing::ElementsAre;

TEST(BenchPlan, has_every_workload_once_and_in_one_piece) {
  EXPECT_THAT(
      workloads_of(plan()),
      ElementsAre("throughput", "latency_service", "latency", "slo", "overflow", "bus_publish",
                  "ab_compare", "gated", "fanout_scaling", "payloads", "construct", "floors"));
}

TEST(BenchPlan, every_workload_has_a_quick_case) {
  for (const std::string_view workload : workloads_of(plan())) {
    EXPECT_TRUE(std::ranges::any_of(plan(), [&](const Case& entry) {
      return entry.workload == workload && entry.quick;
    })) << workload;
  }
}

TEST(BenchPlan, no_two_cases_of_a_workload_share_name_or_parameters) {
  std::set<std::pair<std::string_view, std::string_view>> names;
  std::set<std::pair<std::string_view, std::string_view>> parameters;
  for (const Case& entry : plan()) {
    EXPECT_TRUE(names.emplace(entry.workload, entry.name).second) << entry.name;
    EXPECT_TRUE(parameters.emplace(entry.workload, entry.parameters).second) << entry.name;
  }
}

TEST(BenchPlan, parameters_are_words_with_one_equals_sign) {
  for (const Case& entry : plan()) {
    for (const Parameter& parameter : parameters_of(entry)) {
      EXPECT_FALSE(parameter.name.empty()) << entry.name;
      EXPECT_FALSE(parameter.value.empty()) << entry.name;
      EXPECT_EQ(parameter.value.find_first_of("= "), std::string::npos) << entry.name;
    }
  }
}

TEST(BenchPlan, parameters_keep_their_order) {
  const Case entry{"gated", "any", "publishers=4 subscribers=8 batch=16", true};
  EXPECT_THAT(parameters_of(entry),
              ElementsAre(Parameter{"publishers", "4"}, Parameter{"subscribers", "8"},
                          Parameter{"batch", "16"}));
  EXPECT_THAT(parameters_of(Case{"construct", "none", "", true}), ElementsAre());
}

TEST(BenchPlan, what_runs_at_a_pace_is_always_pinned) {
  for (const Case& entry : plan()) {
    if (entry.workload == "latency") {
      EXPECT_TRUE(always_pinned(entry)) << entry.name;
    } else if (entry.workload == "gated") {
      EXPECT_FALSE(always_pinned(entry)) << entry.name;
    }
  }
}

}  // namespace
}  // namespace ron::cli::bench
