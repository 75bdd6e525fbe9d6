// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What is measured, and what came out.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ron::bench {

/// What a result should reach. `field` names the median, or one of the ratios.
struct Target {
  enum class Relation { AtMost, AtLeast };
  std::string field;
  Relation relation = Relation::AtMost;
  double value = 0;

  [[nodiscard]] static Target at_most(std::string field, double value) {
    return {.field = std::move(field), .relation = Relation::AtMost, .value = value};
  }
  [[nodiscard]] static Target at_least(std::string field, double value) {
    return {.field = std::move(field), .relation = Relation::AtLeast, .value = value};
  }
  [[nodiscard]] bool met_by(double measured) const {
    return relation == Relation::AtMost ? measured <= value : measured >= value;
  }
};

/// A quotient of two medians: this one by that of the result named `reference`.
struct Ratio {
  std::string field;
  std::string reference;
  std::optional<double> value;

  /// Still without a value.
  [[nodiscard]] static Ratio to(std::string reference, std::string field) {
    return {.field = std::move(field), .reference = std::move(reference), .value = {}};
  }
};

struct Result {
  std::string name;
  std::string about;  ///< what exactly is measured, one line
  std::string unit;
  std::vector<Ratio> ratios;
  std::optional<Target> target;

  std::vector<double> samples;  ///< one a round
  double median = 0;
  double min = 0;
  double max = 0;

  /// The value of a field that a target may name; nothing if there is none.
  [[nodiscard]] std::optional<double> field(const std::string& wanted) const;
  /// Whether the target is reached; nothing if there is no target.
  [[nodiscard]] std::optional<bool> met() const;
};

/// Fills in medians, extremes and ratios from the samples.
void evaluate(std::vector<Result>& results);

/// Distance of the quartiles of the samples, as a share of their median: how noisy it was.
[[nodiscard]] double spread(const Result& result);

}  // namespace ron::bench
