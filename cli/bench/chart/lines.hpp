// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a figure changes along an axis: a line for each system.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "figure.hpp"
#include "quantity.hpp"
#include "spread.hpp"

namespace ron::cli::bench::chart {

/// Rivals are told apart by colour, which repeats after this many, by marker and by dashes.
inline constexpr std::size_t kColors = 7;

struct Point {
  double x = 0;
  Spread spread;
};

enum class Stroke {
  Ours,
  OursToo,  ///< another mode of the same bus
  Rival,
  Floor,  ///< what cannot be beaten
};

struct Line {
  std::string name;
  Stroke stroke = Stroke::Rival;
  std::size_t color = 0;      ///< of a rival; the same number looks the same in every chart
  std::vector<Point> points;  ///< from left to right
};

struct Tick {
  double x = 0;
  std::string label;
};

struct LineChart {
  std::string quantity;
  Unit unit = Unit::Time;
  bool less_is_better = true;
  std::string x_title;
  std::vector<Tick> ticks;  ///< the axis, from left to right
  std::vector<Line> lines;
  bool logarithmic = false;  ///< even where the values would fit a linear scale
};

/// An axis of counts on which each doubling takes the same way.
[[nodiscard]] std::vector<Tick> doubling(std::span<const double> counts);

/// Where a count is on it.
[[nodiscard]] double doubling_at(double count);

[[nodiscard]] Drawing draw(const LineChart& chart, double width = kColumn);

/// First and last point of each line, in words.
[[nodiscard]] std::string described(const LineChart& chart);

}  // namespace ron::cli::bench::chart
