// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/markdown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/bench/statistics.hpp"

namespace ron::cli::bench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Result result(std::string system, std::string metric, std::vector<double> samples) {
  return {.workload = "throughput",
          .case_name = "1 idle",
          .system = std::move(system),
          .parameters = {},
          .metrics = {summarise(std::move(metric), std::move(samples))}};
}

TEST(BenchMarkdown, the_best_of_a_case_comes_first_and_carries_its_name) {
  Report report;
  report.results = {result("tokio", "ns_per_publish", {40, 42, 44}),
                    result("ron-bus", "ns_per_publish", {3, 4, 5})};
  EXPECT_THAT(to_markdown(report), HasSubstr("| case | system | publish |\n|---|---|--:|\n"
                                             "| 1 idle | ron-bus | 4.00 ns (3.50 ns – 4.50 ns) |\n"
                                             "|  | tokio | 42.0 ns (41.0 ns – 43.0 ns) |\n"));
}

TEST(BenchMarkdown, of_rates_the_largest_is_best) {
  Report report;
  report.results = {result("a", "publishes_per_s", {1e6}), result("b", "publishes_per_s", {2e6})};
  EXPECT_THAT(to_markdown(report), HasSubstr("| 1 idle | b | 2.00 M |\n|  | a | 1.00 M |\n"));
}

TEST(BenchMarkdown, names_what_was_met_missed_and_not_measured) {
  Report report;
  const Place place{.workload = "w", .case_name = "c", .system = "tokio", .metric = "ns"};
  const auto target = [&](std::string claim, std::optional<double> value) {
    return Target{.claim = std::move(claim),
                  .value = value,
                  .relation = ">=",
                  .limit = 3,
                  .met = value ? std::optional{*value >= 3} : std::nullopt,
                  .of = place,
                  .against = place};
  };
  report.targets = {target("fast", 4), target("faster", 2), target("fastest", {})};
  EXPECT_THAT(to_markdown(report),
              AllOf(HasSubstr("| fast | 4.00 | ≥ 3 | met | tokio, c |"),
                    HasSubstr("| faster | 2.00 | ≥ 3 | **missed** | tokio, c |"),
                    HasSubstr("1 targets were not measured"), Not(HasSubstr("fastest"))));
}

TEST(BenchMarkdown, what_a_runner_says_cannot_end_a_cell) {
  Report report;
  report.failures = {
      {.system = "tbb", .workload = "gated", .case_name = "1x1", .reason = "a|b\nc <d> `e`"}};
  EXPECT_THAT(to_markdown(report), HasSubstr("- tbb, gated, 1x1: a\\|b c \\<d\\> \\`e\\`\n"));
}

TEST(BenchMarkdown, says_when_it_was_noisy_or_interrupted) {
  Report report;
  report.interrupted = true;
  report.noise = {"loud"};
  EXPECT_THAT(to_markdown(report), AllOf(HasSubstr("**Interrupted:**"), HasSubstr("- loud\n")));
  EXPECT_THAT(to_markdown({}), Not(AllOf(HasSubstr("Interrupted"), HasSubstr("Noise"))));
}

}  // namespace
}  // namespace ron::cli::bench
