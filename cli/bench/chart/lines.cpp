// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lines.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "scale.hpp"
#include "text_width.hpp"

namespace ron::cli::bench::chart {
namespace {

constexpr double kPlotHeight = 225;
constexpr double kHeaderLine = 15;
constexpr double kHeaderGap = 9;
constexpr double kInset = 10;  ///< left and right of the outermost points
constexpr double kLegendRow = 18;
constexpr double kSample = 30;  ///< of a line, in the legend
constexpr std::size_t kMarkers = 5;

std::string style_of(const Line& line) {
  switch (line.stroke) {
    case Stroke::Ours:
      return "series ours";
    case Stroke::OursToo:
      return "series ours too";
    case Stroke::Floor:
      return "series floor";
    case Stroke::Rival:
      break;
  }
  const bool is_second = line.color / kColors % 2 == 1;
  return fmt::format("series c{}{}", line.color % kColors, is_second ? " second" : "");
}

Scale scale_of(const LineChart& chart) {
  std::vector<double> values;
  for (const Line& line : chart.lines) {
    for (const Point& point : line.points) values.push_back(point.spread.median);
  }
  std::erase_if(values, [](double value) { return !(value > 0); });
  if (values.empty()) return Scale::linear(1);
  const auto [min, max] = std::ranges::minmax(values);
  if (chart.unit == Unit::Share) return Scale::linear(max);  // nothing lost is a value like others
  return chart.logarithmic ? Scale::logarithmic(min, max) : Scale::fitting(values, max);
}

/// Better ones first, by where the lines end; ours lead, the floor comes last.
std::vector<const Line*> legend_order(const LineChart& chart) {
  std::vector<const Line*> order;
  for (const Line& line : chart.lines) {
    if (!line.points.empty()) order.push_back(&line);
  }
  const auto rank = [](const Line& line) {
    return line.stroke == Stroke::Floor ? 2 : line.stroke == Stroke::Rival ? 1 : 0;
  };
  std::ranges::sort(order, [&](const Line* a, const Line* b) {
    if (rank(*a) != rank(*b)) return rank(*a) < rank(*b);
    const double left = a->points.back().spread.median;
    const double right = b->points.back().spread.median;
    if (left == right) return a->name < b->name;
    return chart.less_is_better ? left < right : left > right;
  });
  return order;
}

class LinePainter {
 public:
  LinePainter(const LineChart& chart, double width)
      : chart_{chart}, scale_{scale_of(chart)}, width_{width} {
    for (const double tick : scale_.ticks()) {
      left_ = std::max(left_, text_width(shown_tick(chart.unit, tick), kSmallTextSize) + 6);
    }
  }

  Drawing paint() {
    header();
    grid();
    // Ours are drawn last, on top of the others.
    for (const bool ours : {false, true}) {
      for (const Line& line : chart_.lines) {
        const bool is_ours = line.stroke == Stroke::Ours || line.stroke == Stroke::OursToo;
        if (is_ours == ours && !line.points.empty()) series(line);
      }
    }
    y_ += kPlotHeight;
    axis();
    legend();
    return {.markup = svg_.take(), .width = width_, .height = y_};
  }

 private:
  [[nodiscard]] double x_of(double x) const {
    const double first = chart_.ticks.front().x;
    const double span = chart_.ticks.back().x - first;
    const double share = span > 0 ? (x - first) / span : 0.5;
    return left_ + kInset + share * (width_ - left_ - 2 * kInset);
  }
  [[nodiscard]] double y_of(double value) const {
    return y_ + kPlotHeight * (1 - scale_.at(value));
  }

  void header() {
    std::string text =
        fmt::format("{}, {} is better", chart_.quantity, chart_.less_is_better ? "less" : "more");
    if (scale_.is_logarithmic()) text += ", log scale";
    for (const std::string& line : wrapped(text, kSmallTextSize, width_)) {
      svg_.text(0, y_ + 11, Anchor::Start, "muted small", line);
      y_ += kHeaderLine;
    }
    y_ += kHeaderGap;
  }

  void grid() {
    for (const double tick : scale_.ticks()) {
      svg_.line(left_, y_of(tick), width_, y_of(tick), "grid");
      svg_.text(left_ - 6, y_of(tick) + 4, Anchor::End, "tick", shown_tick(chart_.unit, tick));
    }
  }

  void marker(const Line& line, double x, double y) {
    if (line.stroke == Stroke::Floor) return;
    if (line.stroke != Stroke::Rival) {
      svg_.leaf("circle", {{"cx", x}, {"cy", y}, {"r", 4}, {"class", "marker"}});
      return;
    }
    switch (line.color % kMarkers) {
      case 0:
        svg_.leaf("circle", {{"cx", x}, {"cy", y}, {"r", 3}, {"class", "marker"}});
        break;
      case 1:
        svg_.rect(x - 2.7, y - 2.7, 5.4, 5.4, "marker");
        break;
      case 2:
        shape(x, y, {{0, -3.8}, {3.6, 2.8}, {-3.6, 2.8}});
        break;
      case 3:
        shape(x, y, {{0, -4.2}, {4.2, 0}, {0, 4.2}, {-4.2, 0}});
        break;
      default:
        shape(x, y, {{0, 3.8}, {3.6, -2.8}, {-3.6, -2.8}});
        break;
    }
  }

  void shape(double x, double y, std::initializer_list<std::pair<double, double>> corners) {
    std::string points;
    for (const auto& [dx, dy] : corners) {
      points += fmt::format("{}{},{}", points.empty() ? "" : " ", length(x + dx), length(y + dy));
    }
    svg_.leaf("polygon", {{"points", points}, {"class", "marker"}});
  }

  void series(const Line& line) {
    svg_.open("g", {{"class", style_of(line)}});
    svg_.leaf("title", {}, line.name);
    std::string points;
    for (const Point& point : line.points) {
      const double x = x_of(point.x);
      svg_.line(x, y_of(point.spread.q1), x, y_of(point.spread.q3), "spread");
      points += fmt::format("{}{},{}", points.empty() ? "" : " ", length(x),
                            length(y_of(point.spread.median)));
    }
    svg_.leaf("polyline", {{"points", points}, {"class", "line"}});
    for (const Point& point : line.points) {
      svg_.open("g");
      svg_.leaf("title", {},
                fmt::format("{}: {}", line.name, described(chart_.unit, point.spread)));
      marker(line, x_of(point.x), y_of(point.spread.median));
      svg_.close();
    }
    svg_.close();
  }

  void axis() {
    double free_from = 0;
    for (const Tick& tick : chart_.ticks) {
      const double wide = text_width(tick.label, kSmallTextSize);
      double x = x_of(tick.x);
      Anchor anchor = Anchor::Middle;
      double left = x - wide / 2;
      if (x + wide / 2 > width_) {
        anchor = Anchor::End;
        x = width_;
        left = x - wide;
      }
      if (left < free_from) continue;
      free_from = left + wide + 4;
      svg_.text(x, y_ + 15, anchor, "tick", tick.label);
    }
    y_ += 18;
    svg_.text(left_ + (width_ - left_) / 2, y_ + 13, Anchor::Middle, "muted small", chart_.x_title);
    y_ += 26;
  }

  void legend() {
    const std::vector<const Line*> order = legend_order(chart_);
    double widest = 0;
    for (const Line* line : order) widest = std::max(widest, text_width(line->name, kTextSize));
    const double entry = kSample + widest + 12;
    const auto columns = static_cast<std::size_t>(std::clamp(std::floor(width_ / entry), 1.0, 4.0));
    const std::size_t rows = (order.size() + columns - 1) / columns;
    const double column = width_ / static_cast<double>(columns);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const Line& line = *order[i];
      const std::size_t in_column = i / rows;
      const double x = column * static_cast<double>(in_column);
      const double y = y_ + kLegendRow * static_cast<double>(i % rows) + kLegendRow / 2;
      svg_.open("g", {{"class", style_of(line)}});
      svg_.line(x, y, x + kSample - 8, y, "line");
      marker(line, x + (kSample - 8) / 2, y);
      svg_.text(x + kSample, y + 4.5, Anchor::Start, "name", line.name);
      svg_.close();
    }
    y_ += kLegendRow * static_cast<double>(rows);
  }

  const LineChart& chart_;
  Scale scale_;
  double width_;
  double left_ = 0;  ///< of the plot
  Markup svg_;
  double y_ = 0;
};

}  // namespace

double doubling_at(double count) { return std::log2(std::max(count, 0.5)); }

std::vector<Tick> doubling(std::span<const double> counts) {
  std::vector<Tick> ticks;
  for (const double count : counts) {
    ticks.push_back({.x = doubling_at(count), .label = shown(Unit::Count, count)});
  }
  return ticks;
}

Drawing draw(const LineChart& chart, double width) { return LinePainter{chart, width}.paint(); }

std::string described(const LineChart& chart) {
  std::string text = fmt::format("{} by {}, {} is better. ", chart.quantity, chart.x_title,
                                 chart.less_is_better ? "less" : "more");
  bool first = true;
  for (const Line* line : legend_order(chart)) {
    text += fmt::format("{}{}: from {} to {}", first ? "" : "; ", line->name,
                        shown(chart.unit, line->points.front().spread.median),
                        shown(chart.unit, line->points.back().spread.median));
    first = false;
  }
  return text + '.';
}

}  // namespace ron::cli::bench::chart
