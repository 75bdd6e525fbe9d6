// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Charts made from results.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../chart/bars.hpp"
#include "../chart/lines.hpp"
#include "../report.hpp"

namespace ron::cli::bench::page {

/// The results of one case, one for each system.
struct Case {
  std::string_view name;
  std::vector<const Result*> results;
};

/// Of one workload, in the order in which they were measured.
[[nodiscard]] std::vector<Case> cases_of(const Report& report, std::string_view workload);

struct Figure {
  std::string metric;  ///< what it shows, as a word for file names
  std::variant<chart::BarChart, chart::LineChart> chart;
};

[[nodiscard]] chart::Drawing draw(const Figure& figure, double width = chart::kColumn);
[[nodiscard]] std::string described(const Figure& figure);
/// What its values are, as "time per publish".
[[nodiscard]] std::string_view quantity_of(const Figure& figure);

/// A bar for each system that has the metric, with the floor beside it where one is known. Nothing
/// if no system has it.
[[nodiscard]] std::optional<Figure> bars(const Report& report, const Case& of,
                                         std::string_view metric);

/// A line from p50 to p99.9 for each system, and one for the floor.
[[nodiscard]] std::optional<Figure> percentiles(const Report& report, const Case& of);

/// A line for each system, with a point for each case, whose place on the axis is its `parameter`.
/// Nothing with fewer than two points.
[[nodiscard]] std::optional<Figure> scaling(const Report& report, std::span<const Case> cases,
                                            std::string_view parameter, std::string_view metric);

/// The floors that are one time each, side by side.
[[nodiscard]] std::optional<Figure> floors(const Report& report);

}  // namespace ron::cli::bench::page
