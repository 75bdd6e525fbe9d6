// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "core/suite.hpp"
#include "harness/check.hpp"
#include "harness/command_line.hpp"
#include "harness/json.hpp"
#include "harness/noise.hpp"
#include "harness/table.hpp"
#include "threads/suite.hpp"
#include "wake/suite.hpp"

namespace ron::bench {
namespace {

constexpr int kFailed = 1;
constexpr int kUsageError = 2;

Suite suite_of(const Options& options) {
  switch (options.suite) {
    case SuiteName::Core:
      return core_suite(options);
    case SuiteName::Threads:
      return threads_suite(options);
    case SuiteName::Wake:
      break;
  }
  return wake_suite(options);
}

int run(const Options& options) {
  Suite suite = suite_of(options);
  if (!select(suite.cases, options.filter)) {
    fmt::print(stderr, "ronbus_bench: no name contains '{}'\n", options.filter);
    return kUsageError;
  }
  // Opened first, so that a mistyped path does not cost a whole run.
  std::ofstream json;
  if (!options.json.empty()) {
    json.open(options.json, std::ios::trunc);
    if (!json) {
      fmt::print(stderr, "ronbus_bench: cannot write '{}'\n", options.json);
      return kUsageError;
    }
  }

  const OthersAtWork others;
  const std::vector<Result> results = run_rounds(
      suite.cases, suite.warm_ups, options.rounds.value_or(suite.rounds), options.seconds);
  fmt::print("{}", to_table(results, suite.ratio));
  for (const std::string& note : notes_on_noise(results, others)) {
    fmt::print("noisy: {}\n", note);
  }
  if (json.is_open() && !(json << to_json(results) << std::flush)) {
    fmt::print(stderr, "ronbus_bench: writing '{}' failed\n", options.json);
    return kFailed;
  }
  return 0;
}

}  // namespace
}  // namespace ron::bench

int main(int argc, char** argv) {
  const auto options = ron::bench::parse(argc, argv);
  if (!options) {
    fmt::print(options.error().status == 0 ? stdout : stderr, "{}", options.error().text);
    return options.error().status;
  }
  try {
    return ron::bench::run(*options);
  } catch (const ron::bench::WrongAnswer& wrong) {
    fmt::print(stderr, "ronbus_bench: wrong answer: {}\n", wrong.what());
  } catch (const std::exception& failure) {
    fmt::print(stderr, "ronbus_bench: {}\n", failure.what());
  }
  return ron::bench::kFailed;
}
