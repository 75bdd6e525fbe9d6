// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::bench {
namespace {

using testing::HasSubstr;
using testing::IsNull;
using testing::NotNull;
using Json = nlohmann::ordered_json;

Report full_report() {
  const Place place{
      .workload = "gated", .case_name = "1x1", .system = "ron-bus", .metric = "publishes_per_s"};
  return {
      .machine = {.cpu = "c", .cores = 2, .memory_mib = 4096, .kernel = "k", .compiler = "g++"},
      .commit = "abc1234",
      .command = "ronbus bench --quick",
      .started = "2026-11-21T12:00:00Z",
      .seconds = 17.25,
      .rounds = 5,
      .millis = 100,
      .pinned = true,
      .interrupted = true,
      .noise = {"loud"},
      .systems = {{.name = "flume",
                   .label = "flume (shared)",
                   .version = "0.10",
                   .runner = "rust",
                   .broadcast = false}},
      .skipped = {{.system = "zeromq", .workload = "", .case_name = "", .reason = "not built"}},
      .failures = {{.system = "tbb", .workload = "gated", .case_name = "1x1", .reason = "lost 3"}},
      .results = {{.workload = "gated",
                   .case_name = "1x1",
                   .system = "ron-bus",
                   .parameters = {{.name = "subscribers", .value = "1"},
                                  {.name = "batch", .value = "1"}},
                   .metrics = {{.name = "publishes_per_s",
                                .median = 2,
                                .q1 = 1.5,
                                .q3 = 2.5,
                                .min = 1,
                                .max = 3,
                                .samples = {1, 2, 3}}}}},
      .targets = {{.claim = "fast",
                   .value = 1.5,
                   .relation = ">=",
                   .limit = 1,
                   .met = true,
                   .of = place,
                   .against = place},
                  {.claim = "unknown",
                   .value = {},
                   .relation = "<=",
                   .limit = 1.3,
                   .met = {},
                   .of = place,
                   .against = place}},
  };
}

TEST(BenchReport, is_the_same_after_writing_and_reading) {
  const Report report = full_report();
  const auto text = write_report(report).dump(2);
  const auto again = read_report(Json::parse(text));
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, report);
}

TEST(BenchReport, has_the_documented_names) {
  const Json json = write_report(full_report());
  EXPECT_EQ(json.at("schema"), 1);
  EXPECT_EQ(json.at("results").at(0).at("case"), "1x1");
  EXPECT_EQ(json.at("results").at(0).at("parameters").at("subscribers"), "1");
  EXPECT_EQ(json.at("results").at(0).at("metrics").at("publishes_per_s").at("q3"), 2.5);
  EXPECT_EQ(json.at("targets").at(1).at("value"), nullptr);
}

TEST(BenchReport, refuses_another_schema_and_what_is_no_report) {
  Json json = write_report(full_report());
  json["schema"] = 2;
  EXPECT_THAT(read_report(json).error(), HasSubstr("schema 2 is not known; allowed: 1"));
  json["schema"] = 1;
  json["rounds"] = "five";
  EXPECT_THAT(read_report(json).error(), HasSubstr("not a report"));
  EXPECT_THAT(read_report(Json::array()).error(), HasSubstr("not a report"));
}

TEST(BenchReport, finds_results_and_metrics_by_name) {
  const Report report = full_report();
  const Result* const result = report.result("gated", "1x1", "ron-bus");
  ASSERT_THAT(result, NotNull());
  ASSERT_THAT(result->metric("publishes_per_s"), NotNull());
  EXPECT_EQ(result->metric("publishes_per_s")->median, 2);
  EXPECT_THAT(result->metric("p50_ns"), IsNull());
  EXPECT_THAT(report.result("gated", "1x1", "tokio"), IsNull());
}

}  // namespace
}  // namespace ron::cli::bench
