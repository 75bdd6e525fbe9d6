// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(BenchAnswer, figures_keep_their_order) {
  const auto answer = read_answer(R"({"ok": true, "metrics": {"p50_ns": 12, "count": 3.5}})");
  ASSERT_TRUE(answer) << answer.error();
  const auto& values = std::get<Values>(*answer);
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[0].metric, "p50_ns");
  EXPECT_EQ(values[0].value, 12);
  EXPECT_EQ(values[1].metric, "count");
  EXPECT_EQ(values[1].value, 3.5);
}

TEST(BenchAnswer, unsupported_and_wrong_have_their_reasons) {
  const auto unsupported = read_answer(R"({"ok": false, "unsupported": "cannot wait"})");
  EXPECT_EQ(std::get<Unsupported>(unsupported.value()).reason, "cannot wait");
  const auto wrong = read_answer(R"({"ok": false, "error": "lost 3"})");
  EXPECT_EQ(std::get<Wrong>(wrong.value()).reason, "lost 3");
}

TEST(BenchAnswer, anything_else_is_nonsense) {
  for (const char* const line :
       {"", "Hello!", "[]", "{}", R"({"ok": 1})", R"({"ok": true})", R"({"ok": false})",
        R"({"ok": true, "metrics": {}})", R"({"ok": true, "metrics": {"ns": "1"}})",
        R"({"ok": true, "metrics": {"ns": -1}})", R"({"ok": true, "metrics": {"ns": 1e999}})",
        R"({"ok": true, "metrics": {"ns": null}})", R"({"ok": true, "metrics": {"ns": 1}} x)"}) {
    const auto answer = read_answer(line);
    ASSERT_FALSE(answer) << line;
    EXPECT_THAT(answer.error(), HasSubstr("nonsense")) << line;
  }
}

TEST(BenchAnswer, long_nonsense_is_quoted_in_part) {
  EXPECT_LT(read_answer(std::string(100'000, 'x')).error().size(), 200U);
}

TEST(BenchAnswer, an_offer_has_systems_with_workloads) {
  const auto offer = read_offer(
      R"({"runner": "rust", "systems": [{"name": "tokio", "label": "tokio::sync::broadcast",
          "version": "1.24.2", "workloads": ["throughput", "slo"]}, {"name": "x", "workloads": []}]})");
  ASSERT_TRUE(offer) << offer.error();
  EXPECT_EQ(offer->runner, "rust");
  ASSERT_EQ(offer->systems.size(), 2U);
  EXPECT_EQ(offer->systems[0].label, "tokio::sync::broadcast");
  EXPECT_EQ(offer->systems[0].version, "1.24.2");
  EXPECT_THAT(offer->systems[0].workloads, ElementsAre("throughput", "slo"));
  EXPECT_EQ(offer->systems[1].label, "x") << "the name, if there is none";
}

TEST(BenchAnswer, an_offer_without_its_parts_is_nonsense) {
  for (const char* const line :
       {"{}", R"({"runner": "r"})", R"({"systems": []})", R"({"runner": "r", "systems": [1]})",
        R"({"runner": "r", "systems": [{"name": ""}]})",
        R"({"runner": "r", "systems": [{"name": "a", "workloads": [1]}]})"}) {
    EXPECT_FALSE(read_offer(line)) << line;
  }
}

}  // namespace
}  // namespace ron::cli::bench
