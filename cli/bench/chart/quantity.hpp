// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Numbers as people read them: three significant digits, a unit that fits, groups of three digits.
#pragma once

#include <string>

namespace ron::cli::bench::chart {

enum class Unit {
  Time,   ///< in nanoseconds
  Rate,   ///< a second
  Bytes,  ///< in bytes
  Share,  ///< 1 is everything
  Count,
};

/// As "4.31 µs", "12.3 M/s", "1.50 KiB", "99.97 %" or "10 000". Blanks do not break.
[[nodiscard]] std::string shown(Unit unit, double value);

/// The same without zeros that say nothing: "10 µs", "0". For the ends of round steps.
[[nodiscard]] std::string shown_tick(Unit unit, double value);

/// As "11.2×".
[[nodiscard]] std::string shown_quotient(double value);

/// As "4×", for round numbers.
[[nodiscard]] std::string shown_aim(double value);

}  // namespace ron::cli::bench::chart
