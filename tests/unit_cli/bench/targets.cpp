// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/targets.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "cli/bench/known_systems.hpp"
#include "cli/bench/plan.hpp"

namespace ron::cli::bench {
namespace {

void add(Report& report, std::string_view workload, std::string_view case_name,
         std::string_view system, std::string_view metric, double median) {
  report.results.push_back({.workload = std::string{workload},
                            .case_name = std::string{case_name},
                            .system = std::string{system},
                            .parameters = {},
                            .metrics = {{.name = std::string{metric},
                                         .median = median,
                                         .q1 = median,
                                         .q3 = median,
                                         .min = median,
                                         .max = median,
                                         .samples = {median}}}});
}

Target target_with(const Report& report, std::initializer_list<std::string_view> words) {
  for (const Target& target : evaluate_targets(report)) {
    if (std::ranges::all_of(words, [&](auto word) { return target.claim.contains(word); })) {
      return target;
    }
  }
  ADD_FAILURE() << "no such target";
  return {};
}

TEST(BenchTargets, nothing_measured_is_neither_met_nor_missed) {
  const auto targets = evaluate_targets({});
  EXPECT_GT(targets.size(), 15U);
  for (const Target& target : targets) {
    EXPECT_FALSE(target.value) << target.claim;
    EXPECT_FALSE(target.met) << target.claim;
    EXPECT_FALSE(target.of.case_name.empty()) << target.claim;
    EXPECT_FALSE(target.against.case_name.empty()) << target.claim;
  }
}

TEST(BenchTargets, name_cases_that_the_quick_plan_measures) {
  for (const Target& target : evaluate_targets({})) {
    for (const Place& place : {target.of, target.against}) {
      const auto entry = std::ranges::find_if(plan(), [&](const Case& other) {
        return other.workload == place.workload && other.name == place.case_name;
      });
      ASSERT_NE(entry, plan().end()) << place.workload << ' ' << place.case_name;
      EXPECT_TRUE(entry->quick) << target.claim;
      EXPECT_NE(known_system(place.system), nullptr) << place.system;
    }
  }
}

TEST(BenchTargets, a_time_is_turned_so_that_more_is_better) {
  Report report;
  add(report, "throughput", "1 idle", "ron-bus", "ns_per_publish", 5);
  add(report, "throughput", "1 idle", "tokio", "ns_per_publish", 19);
  Target target = target_with(report, {"one idle", "several"});
  EXPECT_DOUBLE_EQ(target.value.value(), 3.8);
  EXPECT_EQ(target.relation, ">=");
  EXPECT_EQ(target.limit, 4);
  EXPECT_EQ(target.met, false);

  report.results.back().metrics.front().median = 20;
  target = target_with(report, {"one idle", "several"});
  EXPECT_DOUBLE_EQ(target.value.value(), 4);
  EXPECT_EQ(target.met, true) << "the limit itself counts";
}

TEST(BenchTargets, a_rate_is_not_turned) {
  Report report;
  add(report, "fanout_scaling", "2 publishers", "ron-bus", "publishes_per_s", 30e6);
  add(report, "fanout_scaling", "2 publishers", "tokio", "publishes_per_s", 10e6);
  const Target target = target_with(report, {"2 contending"});
  EXPECT_DOUBLE_EQ(target.value.value(), 3);
  EXPECT_EQ(target.met, true);
  EXPECT_EQ(target.against.system, "tokio");
}

TEST(BenchTargets, against_a_floor_less_is_better) {
  Report report;
  add(report, "latency", "polling, every 10 us", "ron-bus-single", "p50_ns", 130);
  add(report, "floors", "one way line, every 10 us", "floor", "p50_ns", 104);
  const Target target = target_with(report, {"polling", "promised"});
  EXPECT_DOUBLE_EQ(target.value.value(), 1.25);
  EXPECT_EQ(target.relation, "<=");
  EXPECT_EQ(target.met, true);
  EXPECT_EQ(target.against.workload, "floors");
}

TEST(BenchTargets, of_several_rivals_the_best_one_counts) {
  Report report;
  add(report, "gated", "1x1 one by one", "ron-bus-single", "deliveries_per_s", 90e6);
  add(report, "gated", "1x1 one by one", "disruptor-yielding", "deliveries_per_s", 20e6);
  add(report, "gated", "1x1 one by one", "disruptor-busyspin", "deliveries_per_s", 45e6);
  add(report, "gated", "1x1 one by one", "tbb", "deliveries_per_s", 80e6);
  const Target target = target_with(report, {"gated 1 to 1", "one by one"});
  EXPECT_DOUBLE_EQ(target.value.value(), 2);
  EXPECT_EQ(target.met, false);
  EXPECT_EQ(target.against.system, "disruptor-busyspin");
}

TEST(BenchTargets, of_every_cell_the_worst_one_counts_and_none_may_be_missing) {
  Report report;
  double factor = 3;
  for (const Case& entry : plan()) {
    if (entry.workload != "ab_compare") continue;
    const std::string_view last = "16 subscribers, capacity 1024";
    if (entry.name == last) {
      EXPECT_FALSE(target_with(report, {"ab_compare", "several", "tokio's deliveries"}).value);
      factor = 2.5;
    }
    add(report, "ab_compare", entry.name, "ron-bus", "deliveries_per_s", factor * 1e6);
    add(report, "ab_compare", entry.name, "tokio", "deliveries_per_s", 1e6);
    factor += 1;
  }
  const Target target = target_with(report, {"ab_compare", "several", "tokio's deliveries"});
  EXPECT_DOUBLE_EQ(target.value.value(), 2.5);
  EXPECT_EQ(target.met, false);
  EXPECT_EQ(target.of.case_name, "16 subscribers, capacity 1024");
  EXPECT_EQ(target.against.case_name, "16 subscribers, capacity 1024");
}

TEST(BenchTargets, a_figure_of_zero_is_no_figure) {
  Report report;
  add(report, "throughput", "1 idle", "ron-bus", "ns_per_publish", 0);
  add(report, "throughput", "1 idle", "tokio", "ns_per_publish", 19);
  EXPECT_FALSE(target_with(report, {"one idle", "several"}).value);
}

}  // namespace
}  // namespace ron::cli::bench
