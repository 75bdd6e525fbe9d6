// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a run of `ronbus bench` found out. docs/BENCHMARKS.md describes its JSON form.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace ron::cli::bench {

/// Of the JSON form.
inline constexpr int kSchema = 1;

struct Machine {
  std::string cpu;
  std::uint64_t cores = 0;
  std::uint64_t memory_mib = 0;
  std::string kernel;
  std::string compiler;

  friend bool operator==(const Machine&, const Machine&) = default;
};

/// A system that was measured.
struct System {
  std::string name;   ///< as in docs/BENCHMARKS.md
  std::string label;  ///< for people
  std::string version;
  std::string runner;
  /// Whether every subscriber gets every message; if not, each message reaches one of them, and
  /// deliveries are not those of a broadcast.
  bool broadcast = true;

  friend bool operator==(const System&, const System&) = default;
};

/// What was not measured, or failed. Without a case all cases are meant, without a workload all
/// workloads.
struct Remark {
  std::string system;
  std::string workload;
  std::string case_name;
  std::string reason;

  friend bool operator==(const Remark&, const Remark&) = default;
};

struct Parameter {
  std::string name;
  std::string value;

  friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// A figure: what the rounds gave, the first one left out.
struct Metric {
  std::string name;
  double median = 0;
  double q1 = 0;
  double q3 = 0;
  double min = 0;
  double max = 0;
  std::vector<double> samples;  ///< one a round

  friend bool operator==(const Metric&, const Metric&) = default;
};

/// All figures of one system in one case. Results of a case stand side by side, cases in the order
/// of the plan.
struct Result {
  std::string workload;
  std::string case_name;
  std::string system;
  std::vector<Parameter> parameters;
  std::vector<Metric> metrics;

  /// Nullptr if there is none of that name.
  [[nodiscard]] const Metric* metric(std::string_view name) const;

  friend bool operator==(const Result&, const Result&) = default;
};

/// The place of a figure in a report.
struct Place {
  std::string workload;
  std::string case_name;
  std::string system;
  std::string metric;

  friend bool operator==(const Place&, const Place&) = default;
};

/// A claim, and what this run says to it. Where a claim is about several cases or rivals, the
/// places are those where it is furthest from being met.
struct Target {
  std::string claim;
  std::optional<double> value;  ///< a quotient of two medians; nothing if one was not measured
  std::string relation;         ///< "<=" or ">="
  double limit = 0;
  std::optional<bool> met;  ///< nothing without a value
  Place of;
  Place against;

  friend bool operator==(const Target&, const Target&) = default;
};

struct Report {
  Machine machine;
  std::string commit;
  std::string command;
  std::string started;  ///< UTC, as 2026-11-21T12:00:00Z
  double seconds = 0;
  std::uint64_t rounds = 0;  ///< complete ones, without the first
  std::uint64_t millis = 0;  ///< of the timed part of each run
  bool pinned = false;
  bool interrupted = false;
  std::vector<std::string> noise;  ///< why to doubt the figures; a line each
  std::vector<System> systems;
  std::vector<Remark> skipped;
  std::vector<Remark> failures;  ///< wrong answers, and runners that did not do their part
  std::vector<Result> results;
  std::vector<Target> targets;

  /// Nullptr if it was not measured.
  [[nodiscard]] const Result* result(std::string_view workload, std::string_view case_name,
                                     std::string_view system) const;

  friend bool operator==(const Report&, const Report&) = default;
};

/// Or one line that says what is wrong with `json`, and where.
[[nodiscard]] std::expected<Report, std::string> read_report(const nlohmann::ordered_json& json);
[[nodiscard]] nlohmann::ordered_json write_report(const Report& report);

}  // namespace ron::cli::bench
