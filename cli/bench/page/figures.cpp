// SPDX-License-Identifier: MIT OR Apache-2.0
#include "figures.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <set>

#include "../units.hpp"
#include "names.hpp"

namespace ron::cli::bench::page {
namespace {

constexpr std::string_view kFloors = "floors";

struct Percentile {
  std::string_view metric;
  std::string_view label;
};

constexpr std::array kPercentiles{Percentile{"p50_ns", "p50"}, Percentile{"p90_ns", "p90"},
                                  Percentile{"p99_ns", "p99"}, Percentile{"p999_ns", "p99.9"}};

chart::Spread spread_of(const Metric& metric) {
  return {.median = metric.median,
          .q1 = metric.q1,
          .q3 = metric.q3,
          .min = metric.min,
          .max = metric.max,
          .rounds = metric.samples.size()};
}

chart::Stroke stroke_of(std::string_view system) {
  if (system == "ron-bus") return chart::Stroke::Ours;
  return is_ours(system) ? chart::Stroke::OursToo : chart::Stroke::Rival;
}

/// Among the rivals of the report, so that a system has one colour throughout.
std::size_t color_of(const Report& report, std::string_view system) {
  std::size_t color = 0;
  for (const System& other : report.systems) {
    if (other.name == system) break;
    if (!is_ours(other.name) && !is_floor(other.name)) ++color;
  }
  return color;
}

chart::Line line_of(const Report& report, const std::string& system) {
  return {
      .name = system, .stroke = stroke_of(system), .color = color_of(report, system), .points = {}};
}

/// The floor of that name whose `parameter_name` is the same as that of `like`, if it has such a
/// parameter.
const Result* floor_like(const Report& report, std::string_view name, const Result& like,
                         std::string_view parameter_name) {
  for (const Result& result : report.results) {
    if (result.workload != kFloors || parameter(result, "floor") != name) continue;
    const std::string_view own = parameter(result, parameter_name);
    if (own.empty() || own == parameter(like, parameter_name)) return &result;
  }
  return nullptr;
}

void add_reference(std::vector<chart::Reference>& references, const Result* floor,
                   std::string_view metric, std::string name) {
  const Metric* const figure = floor == nullptr ? nullptr : floor->metric(metric);
  if (figure == nullptr) return;
  references.push_back({.name = std::move(name), .value = figure->median});
}

std::vector<chart::Reference> references_of(const Report& report, const Result& result,
                                            std::string_view metric) {
  std::vector<chart::Reference> references;
  if (metric == "ns_per_publish" &&
      (result.workload == "throughput" || result.workload == "fanout_scaling")) {
    add_reference(references, floor_like(report, "store", result, ""), "ns", "store");
    add_reference(references, floor_like(report, "xadd", result, ""), "ns", "lock xadd");
  }
  if (metric == "deliveries_per_s" && result.workload == "gated" &&
      parameter(result, "publishers") == "1" && parameter(result, "subscribers") == "1") {
    add_reference(references, floor_like(report, "one_way_ring", result, "batch"), metric,
                  "plain ring");
  }
  return references;
}

std::optional<chart::Line> floor_line(const Report& report, const Result& like) {
  const std::string_view receiver = parameter(like, "receiver");
  const std::string_view name = receiver == "polling" ? "one_way_line" : "futex_wake";
  const Result* const floor = floor_like(report, name, like, "interval_us");
  if (floor == nullptr) return std::nullopt;
  chart::Line line{.name = receiver == "polling" ? "floor: one cache line" : "floor: futex wake",
                   .stroke = chart::Stroke::Floor,
                   .color = 0,
                   .points = {}};
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    if (const Metric* metric = floor->metric(kPercentiles[i].metric)) {
      line.points.push_back({.x = static_cast<double>(i), .spread = spread_of(*metric)});
    }
  }
  return line;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::vector<Case> cases_of(const Report& report, std::string_view workload) {
  std::vector<Case> cases;
  for (const Result& result : report.results) {
    if (result.workload != workload) continue;
    auto found = std::ranges::find(cases, result.case_name, &Case::name);
    if (found == cases.end()) found = cases.insert(cases.end(), {result.case_name, {}});
    found->results.push_back(&result);
  }
  return cases;
}

chart::Drawing draw(const Figure& figure, double width) {
  return std::visit([width](const auto& chart) { return draw(chart, width); }, figure.chart);
}

std::string described(const Figure& figure) {
  return std::visit([](const auto& chart) { return described(chart); }, figure.chart);
}

std::string_view quantity_of(const Figure& figure) {
  return std::visit([](const auto& chart) -> std::string_view { return chart.quantity; },
                    figure.chart);
}

std::optional<Figure> bars(const Report& report, const Case& of, std::string_view metric) {
  chart::BarChart chart{.quantity = quantity_of(metric),
                        .unit = unit_of(metric),
                        .less_is_better = less_is_better(metric),
                        .bars = {},
                        .references = {}};
  for (const Result* result : of.results) {
    const Metric* const figure = result->metric(metric);
    if (figure == nullptr) continue;
    const Metric* const lost = result->metric("lost_share");
    chart.bars.push_back(
        {.name = result->system,
         .look = is_ours(result->system)                ? chart::Look::Ours
                 : is_broadcast(report, result->system) ? chart::Look::Rival
                                                        : chart::Look::Shared,
         .spread = spread_of(*figure),
         .lost_share = lost == nullptr ? std::nullopt : std::optional{lost->median}});
  }
  if (chart.bars.empty()) return std::nullopt;
  chart.references = references_of(report, *of.results.front(), metric);
  return Figure{.metric = std::string{metric}, .chart = std::move(chart)};
}

std::optional<Figure> percentiles(const Report& report, const Case& of) {
  chart::LineChart chart{.quantity = "from publish to receive",
                         .unit = chart::Unit::Time,
                         .less_is_better = true,
                         .x_title = "percentile",
                         .ticks = {},
                         .lines = {},
                         .logarithmic = true};
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    chart.ticks.push_back(
        {.x = static_cast<double>(i), .label = std::string{kPercentiles[i].label}});
  }
  for (const Result* result : of.results) {
    chart::Line line = line_of(report, result->system);
    for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
      if (const Metric* metric = result->metric(kPercentiles[i].metric)) {
        line.points.push_back({.x = static_cast<double>(i), .spread = spread_of(*metric)});
      }
    }
    if (!line.points.empty()) chart.lines.push_back(std::move(line));
  }
  if (chart.lines.empty()) return std::nullopt;
  if (auto floor = floor_line(report, *of.results.front())) {
    if (!floor->points.empty()) chart.lines.push_back(std::move(*floor));
  }
  return Figure{.metric = "percentiles", .chart = std::move(chart)};
}

std::optional<Figure> scaling(const Report& report, std::span<const Case> cases,
                              std::string_view parameter_name, std::string_view metric) {
  chart::LineChart chart{.quantity = quantity_of(metric),
                         .unit = unit_of(metric),
                         .less_is_better = less_is_better(metric),
                         .x_title = std::string{parameter_name} + ", log scale",
                         .ticks = {},
                         .lines = {}};
  std::set<double> counts;
  for (const Case& of : cases) {
    for (const Result* result : of.results) {
      const Metric* const figure = result->metric(metric);
      const auto count = number(parameter(*result, parameter_name));
      if (figure == nullptr || !count) continue;
      counts.insert(*count);
      auto line = std::ranges::find(chart.lines, result->system, &chart::Line::name);
      if (line == chart.lines.end()) {
        line = chart.lines.insert(line, line_of(report, result->system));
      }
      line->points.push_back({.x = chart::doubling_at(*count), .spread = spread_of(*figure)});
    }
  }
  if (counts.size() < 2) return std::nullopt;
  for (chart::Line& line : chart.lines) std::ranges::sort(line.points, {}, &chart::Point::x);
  const std::vector<double> in_order{counts.begin(), counts.end()};
  chart.ticks = chart::doubling(in_order);
  return Figure{.metric = std::string{metric}, .chart = std::move(chart)};
}

std::optional<Figure> floors(const Report& report) {
  chart::BarChart chart{.quantity = "time (p50 where it is a journey)",
                        .unit = chart::Unit::Time,
                        .less_is_better = true,
                        .bars = {},
                        .references = {}};
  for (const Result& result : report.results) {
    if (result.workload != kFloors) continue;
    const Metric* metric = result.metric("ns");
    if (metric == nullptr) metric = result.metric("p50_ns");
    if (metric == nullptr) continue;
    chart.bars.push_back({.name = shown_case(result.case_name),
                          .look = chart::Look::Rival,
                          .spread = spread_of(*metric),
                          .lost_share = std::nullopt});
  }
  if (chart.bars.empty()) return std::nullopt;
  return Figure{.metric = "ns", .chart = std::move(chart)};
}

}  // namespace ron::cli::bench::page
