// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Systems side by side in one figure: a bar each, with quartiles and extremes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "figure.hpp"
#include "quantity.hpp"
#include "spread.hpp"

namespace ron::cli::bench::chart {

enum class Look {
  Ours,
  Rival,
  Shared,  ///< no broadcast: its receivers share the messages
};

struct Bar {
  std::string name;
  Look look = Look::Rival;
  Spread spread;
  std::optional<double> lost_share;
};

/// A value to compare with: a line through all bars.
struct Reference {
  std::string name;
  double value = 0;
};

struct BarChart {
  std::string quantity;  ///< what the bars show, as "deliveries/s"
  Unit unit = Unit::Rate;
  bool less_is_better = false;
  std::vector<Bar> bars;  ///< in any order; the best is drawn first
  std::vector<Reference> references;
};

/// If a bar has a lost share, every bar gets a place for it beside its value.
[[nodiscard]] Drawing draw(const BarChart& chart, double width = kColumn);

/// The same in words, best first.
[[nodiscard]] std::string described(const BarChart& chart);

}  // namespace ron::cli::bench::chart
