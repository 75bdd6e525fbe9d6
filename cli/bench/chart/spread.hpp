// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "quantity.hpp"

namespace ron::cli::bench::chart {

/// Median, quartiles and extremes of the rounds.
struct Spread {
  double median = 0;
  double q1 = 0;
  double q3 = 0;
  double min = 0;
  double max = 0;
  std::size_t rounds = 0;
};

/// As "median 4.31 µs, quartiles 4.20 µs to 4.40 µs, extremes 4.11 µs to 5.02 µs, 5 rounds".
[[nodiscard]] std::string described(Unit unit, const Spread& spread);

}  // namespace ron::cli::bench::chart
