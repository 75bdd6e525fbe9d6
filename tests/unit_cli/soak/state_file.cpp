// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/soak/state_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ron::cli::soak {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

Parameters two_subscribers() {
  return {.events = 100, .subscribers = 2, .gating = 1, .slow = std::chrono::microseconds{0}};
}

Totals some_totals() {
  Totals totals;
  totals.parts = 2;
  totals.checkpoints = 3;
  totals.seconds = 1.5;
  totals.events = 70;
  totals.subscribers = {{.received = 70, .missed = 0, .lags = 0},
                        {.received = 60, .missed = 10, .lags = 4}};
  totals.visitors = 5;
  totals.all_visitors = {.received = 8, .missed = 9, .lags = 2};
  totals.constructed = 11;
  totals.leaked = -1;
  totals.memory_growth_kib = 12;
  return totals;
}

std::string content(const std::function<void(Json&)>& change = [](Json&) {}) {
  Summary summary;
  summary.parameters = two_subscribers();
  summary.totals = some_totals();
  Json json = Json::parse(state_of(summary));
  change(json);
  return json.dump();
}

std::string error_of(const std::string& text, const Parameters& parameters = two_subscribers()) {
  const auto parsed = parse_state(text, "FILE", parameters);
  return parsed ? "no error" : parsed.error();
}

TEST(SoakState, comes_back_as_it_was_written) {
  const auto earlier = parse_state(content(), "FILE", two_subscribers());
  ASSERT_TRUE(earlier) << earlier.error();
  EXPECT_FALSE(earlier->complete);
  EXPECT_TRUE(earlier->failures.empty());
  Summary again;
  again.parameters = two_subscribers();
  again.totals = earlier->totals;
  EXPECT_EQ(Json::parse(state_of(again)), Json::parse(content()));
  EXPECT_EQ(earlier->totals.leaked, -1);
}

TEST(SoakState, remembers_failures_and_completion) {
  Summary summary;
  summary.parameters = two_subscribers();
  summary.failures = {"one", "two"};
  summary.complete = true;
  const auto earlier = parse_state(state_of(summary), "FILE", two_subscribers());
  ASSERT_TRUE(earlier) << earlier.error();
  EXPECT_TRUE(earlier->complete);
  EXPECT_THAT(earlier->failures, ElementsAre("one", "two"));
}

TEST(SoakState, parts_add_up) {
  Totals sum;
  sum.add(some_totals());
  Totals part = some_totals();
  part.parts = 1;
  part.memory_growth_kib = 4;
  sum.add(part);
  EXPECT_EQ(sum.parts, 3U);
  EXPECT_EQ(sum.checkpoints, 6U);
  EXPECT_DOUBLE_EQ(sum.seconds, 3);
  EXPECT_EQ(sum.events, 140U);
  ASSERT_EQ(sum.subscribers.size(), 2U);
  EXPECT_EQ(sum.subscribers[1].received, 120U);
  EXPECT_EQ(sum.subscribers[1].missed, 20U);
  EXPECT_EQ(sum.subscribers[1].lags, 8U);
  EXPECT_EQ(sum.visitors, 10U);
  EXPECT_EQ(sum.all_visitors.missed, 18U);
  EXPECT_EQ(sum.constructed, 22U);
  EXPECT_EQ(sum.leaked, -2);
  EXPECT_EQ(sum.memory_growth_kib, 12U);
}

TEST(SoakState, damaged_files_are_errors_that_name_the_file) {
  EXPECT_THAT(error_of(""), AllOf(HasSubstr("'FILE' is damaged"), HasSubstr("not JSON")));
  EXPECT_THAT(error_of(content().substr(0, 200)), HasSubstr("'FILE' is damaged: it is not JSON"));
  EXPECT_THAT(error_of("[1]"), HasSubstr("'FILE' is not the state of a soak"));
  EXPECT_THAT(error_of(R"({"lines": 1})"), HasSubstr("'FILE' is not the state of a soak"));
  for (const char* key : {"schema", "parameters", "parts", "seconds", "events", "subscribers",
                          "visitors", "objects", "memory", "failures", "complete"}) {
    EXPECT_THAT(error_of(content([key](Json& json) { json.erase(key); })),
                AllOf(HasSubstr("'FILE' is damaged"), HasSubstr(key)));
  }
  EXPECT_THAT(error_of(content([](Json& json) { json["events"] = "many"; })),
              HasSubstr("'FILE' is damaged"));
}

TEST(SoakState, counts_that_contradict_each_other_are_an_error) {
  EXPECT_THAT(error_of(content([](Json& json) { json["subscribers"][1]["missed"] = 9; })),
              HasSubstr("subscriber 1 received 60 and missed 9 of 70 events"));
  EXPECT_THAT(error_of(content([](Json& json) { json["subscribers"].erase(1); })),
              HasSubstr("it has 1 subscribers instead of 2"));
  EXPECT_THAT(error_of(content([](Json& json) { json["seconds"] = -1; })), HasSubstr("negative"));
  EXPECT_THAT(error_of(content([](Json& json) { json["events"] = -5; })), HasSubstr("damaged"));
}

TEST(SoakState, more_events_than_asked_for_are_an_error) {
  const auto too_many = [](Json& json) {
    json["events"] = 101;
    for (Json& subscriber : json["subscribers"]) {
      subscriber["received"] = 101;
      subscriber["missed"] = 0;
    }
  };
  EXPECT_THAT(error_of(content(too_many)), HasSubstr("it has 101 events instead of 100"));
}

TEST(SoakState, another_schema_is_an_error_that_names_both) {
  EXPECT_THAT(error_of(content([](Json& json) { json["schema"] = 2; })),
              HasSubstr("has schema 2; this program knows schema 1"));
}

TEST(SoakState, other_parameters_are_an_error_that_names_all_of_them) {
  Parameters other = two_subscribers();
  other.publishers = 3;
  other.payload = PayloadKind::Event;
  EXPECT_EQ(
      error_of(content(), other),
      "'FILE' is of another soak: --publishers 4 instead of 3, --payload u64 instead of event");
  Parameters for_a_time = two_subscribers();
  for_a_time.events = 0;
  for_a_time.duration = std::chrono::milliseconds{1500};
  EXPECT_THAT(error_of(content(), for_a_time), HasSubstr("--duration 0.0 instead of 1.5"));
}

class SoakStateOnDisk : public testing::Test {
 protected:
  SoakStateOnDisk() {
    std::string name = (std::filesystem::temp_directory_path() / "soakXXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~SoakStateOnDisk() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

TEST_F(SoakStateOnDisk, no_file_is_a_soak_that_begins) {
  const auto loaded = load_state(path("new"), two_subscribers());
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_FALSE(*loaded);
}

TEST_F(SoakStateOnDisk, a_file_is_replaced_and_nothing_is_left_beside_it) {
  for (const char* text : {"first, and longer", "second"}) {
    const auto written = replace_file(path("file"), text);
    ASSERT_TRUE(written) << written.error();
    std::ifstream file{path("file")};
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>{file}, {}), text);
  }
  EXPECT_FALSE(std::filesystem::exists(path("file.new")));
}

TEST_F(SoakStateOnDisk, a_file_that_cannot_be_read_or_written_is_an_error_that_names_it) {
  const auto loaded = load_state(path("."), two_subscribers());
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(), HasSubstr("cannot read '" + path(".")));
  const auto written = replace_file(path("no/such/folder"), "text");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), AllOf(HasSubstr("cannot write '" + path("no/such/folder")),
                                     HasSubstr("No such file")));
}

}  // namespace
}  // namespace ron::cli::soak
