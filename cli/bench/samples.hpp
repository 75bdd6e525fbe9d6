// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "answer.hpp"
#include "report.hpp"

namespace ron::cli::bench {

/// A system in a case, by their numbers.
struct Cell {
  std::size_t case_number;
  std::size_t contender;

  friend auto operator<=>(const Cell&, const Cell&) = default;
};

/// Collects what rounds bring. Only whole rounds count.
class Samples {
 public:
  /// In the present round.
  void add(Cell cell, Values values);
  /// All that the cell ever brought: it was found to be wrong.
  void drop(Cell cell);
  void keep_round();
  void discard_round() { round_.clear(); }

  /// In the order in which metrics are shown; empty for a cell without samples.
  [[nodiscard]] std::vector<Metric> metrics_of(Cell cell) const;

 private:
  std::map<Cell, Values> round_;
  std::map<Cell, std::map<std::string, std::vector<double>>> kept_;
};

}  // namespace ron::cli::bench
