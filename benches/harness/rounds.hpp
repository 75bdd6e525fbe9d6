// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Repetitions in alternating rounds: a round runs every case once for a short while, so that
// whatever drifts (frequency, neighbours, heat) hits all of them alike, the floors included.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/result.hpp"

namespace ron::bench {

struct Case {
  using Verify = std::move_only_function<void()>;
  using Run = std::move_only_function<void(std::span<double> samples)>;

  Case(std::vector<Result> of, Verify verified_by, Run run_by)
      : results{std::move(of)}, verify{std::move(verified_by)}, run{std::move(run_by)} {}

  /// What one run tells, usually one thing.
  std::vector<Result> results;
  /// Throws WrongAnswer if what is about to be timed does not do its work. Empty where every run
  /// verifies what it has done.
  Verify verify;
  /// One repetition: fills in one sample for each of `results`.
  Run run;
};

/// The cases of one run of the program.
struct Suite {
  std::vector<Case> cases;
  std::size_t warm_ups = 0;
  std::size_t rounds = 0;  ///< unless the user says otherwise
  std::string ratio;       ///< the one that gets a column of the table
};

/// Keeps the cases with a result whose name contains `filter`, and those that they are compared
/// with. Returns false if none is left.
[[nodiscard]] bool select(std::vector<Case>& cases, const std::string& filter);

/// Verifies every case, runs each `warm_ups` times, then does the rounds; if `seconds` are given,
/// the first and as many more as fit into them. Shows progress on a terminal. Returns the evaluated
/// results in the order of the cases.
[[nodiscard]] std::vector<Result> run_rounds(std::vector<Case>& cases, std::size_t warm_ups,
                                             std::size_t rounds, std::optional<double> seconds);

}  // namespace ron::bench
