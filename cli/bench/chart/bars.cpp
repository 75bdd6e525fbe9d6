// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bars.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "scale.hpp"
#include "text_width.hpp"

namespace ron::cli::bench::chart {
namespace {

constexpr double kHeaderHeight = 20;
constexpr double kReferenceHeight = 15;
constexpr double kRowHeight = 33;
constexpr double kBaseline = 13;  ///< of a row's text, from its top
constexpr double kBarTop = 18;
constexpr double kBarHeight = 9;
constexpr double kAxisHeight = 18;
constexpr double kLabelGap = 6;
constexpr double kLossWidth = 84;
constexpr double kLossGap = 16;
/// How far below the shortest bar a logarithmic scale begins at least: no bar looks like nothing.
constexpr double kFoot = 2;
/// Extremes further out than this many times the largest quartile do not stretch the scale.
constexpr double kOutlier = 1.3;
/// What is lost below this is not worth a warning.
constexpr double kNoticedLoss = 0.001;

std::vector<Bar> best_first(const BarChart& chart) {
  std::vector<Bar> bars = chart.bars;
  std::ranges::sort(bars, [&](const Bar& a, const Bar& b) {
    if (a.spread.median == b.spread.median) return a.name < b.name;
    return chart.less_is_better ? a.spread.median < b.spread.median
                                : a.spread.median > b.spread.median;
  });
  return bars;
}

Scale scale_of(const BarChart& chart) {
  std::vector<double> values;
  double quartile = 0;
  double extreme = 0;
  for (const Bar& bar : chart.bars) {
    values.push_back(bar.spread.median);
    quartile = std::max(quartile, bar.spread.q3);
    extreme = std::max(extreme, bar.spread.max);
  }
  for (const Reference& reference : chart.references) {
    values.push_back(reference.value);
    quartile = std::max(quartile, reference.value);
  }
  return Scale::fitting(values, std::max(quartile, std::min(extreme, kOutlier * quartile)), kFoot);
}

class BarPainter {
 public:
  BarPainter(const BarChart& chart, double width)
      : chart_{chart},
        bars_{best_first(chart)},
        scale_{scale_of(chart)},
        width_{width},
        shows_loss_{std::ranges::any_of(chart.bars,
                                        [](const Bar& bar) { return bar.lost_share.has_value(); })},
        plot_{shows_loss_ ? width - kLossWidth - kLossGap : width} {}

  Drawing paint() {
    header();
    const double top = y_;
    const double rows = static_cast<double>(bars_.size()) * kRowHeight;
    grid(top, top + rows);
    for (const Bar& bar : bars_) row(bar);
    axis();
    footnote();
    return {.markup = svg_.take(), .width = width_, .height = y_};
  }

 private:
  [[nodiscard]] double x_of(double value) const { return plot_ * scale_.at(value); }

  /// Where a text of `content` around `x` has to be anchored to stay inside of the plot.
  [[nodiscard]] Anchor anchored(double x, std::string_view content) const {
    const double half = text_width(content, kSmallTextSize) / 2;
    if (x - half < 0) return Anchor::Start;
    return x + half > plot_ ? Anchor::End : Anchor::Middle;
  }

  void header() {
    std::string text =
        fmt::format("{}, {} is better", chart_.quantity, chart_.less_is_better ? "less" : "more");
    if (scale_.is_logarithmic()) text += ", log scale";
    for (const std::string& line : wrapped(text, kSmallTextSize, plot_)) {
      svg_.text(0, y_ + 11, Anchor::Start, "muted small", line);
      y_ += kReferenceHeight;
    }
    if (shows_loss_) svg_.text(width_, y_ - 4, Anchor::End, "muted small", "lost");
    y_ += kHeaderHeight - kReferenceHeight;
    for (const Reference& reference : chart_.references) {
      const std::string label =
          fmt::format("{} {}", reference.name, shown(chart_.unit, reference.value));
      const double x = x_of(reference.value);
      svg_.text(x, y_ + 10, anchored(x, label), "reference-name small", label);
      y_ += kReferenceHeight;
    }
  }

  void grid(double top, double bottom) {
    for (const double tick : scale_.ticks()) {
      svg_.line(x_of(tick), top, x_of(tick), bottom, "grid");
    }
    for (std::size_t i = 0; i < chart_.references.size(); ++i) {
      const double x = x_of(chart_.references[i].value);
      const double below_its_label =
          top - kReferenceHeight * static_cast<double>(chart_.references.size() - 1 - i);
      svg_.line(x, below_its_label, x, bottom, "reference");
    }
  }

  void row(const Bar& bar) {
    const std::string value = shown(chart_.unit, bar.spread.median);
    const std::string_view look = bar.look == Look::Ours     ? "row ours"
                                  : bar.look == Look::Shared ? "row shared"
                                                             : "row";
    svg_.open("g", {{"class", look}});
    svg_.leaf("title", {}, fmt::format("{}: {}", bar.name, described(chart_.unit, bar.spread)));
    const std::string name = bar.look == Look::Shared ? bar.name + " †" : bar.name;
    svg_.text(0, y_ + kBaseline, Anchor::Start, "name", name);
    svg_.text(plot_, y_ + kBaseline, Anchor::End, "value", value);
    const double length = std::max(1.0, x_of(bar.spread.median));
    svg_.rect(0, y_ + kBarTop, length, kBarHeight, "bar");
    whiskers(bar.spread);
    if (bar.lost_share) loss(*bar.lost_share);
    svg_.close();
    y_ += kRowHeight;
  }

  void whiskers(const Spread& spread) {
    const double middle = y_ + kBarTop + kBarHeight / 2;
    const double min = x_of(spread.min);
    const double max = x_of(spread.max);
    if (max - min < 1.5) return;  // as thin as the line itself
    for (const std::string_view style : {"whisker halo", "whisker"}) {
      svg_.line(min, middle, max, middle, style);
    }
    svg_.line(min, middle - 3, min, middle + 3, "whisker");
    svg_.line(max, middle - 3, max, middle + 3, "whisker");
    const double q1 = x_of(spread.q1);
    const double q3 = x_of(spread.q3);
    svg_.rect(q1, middle - 2.5, std::max(1.5, q3 - q1), 5, "quartiles");
  }

  void loss(double share) {
    const std::string_view style = share >= kNoticedLoss ? "lost" : "lost little";
    svg_.text(width_, y_ + kBaseline, Anchor::End, style, shown(Unit::Share, share));
    const double left = width_ - kLossWidth;
    svg_.rect(left, y_ + kBarTop, kLossWidth, kBarHeight, "lost-track");
    if (share <= 0) return;
    svg_.rect(left, y_ + kBarTop, std::max(1.0, share * kLossWidth), kBarHeight, "lost-part");
  }

  /// The tick's label and where it is.
  struct Label {
    std::string text;
    double x = 0;
    Anchor anchor = Anchor::Middle;
    double left = 0;
    double right = 0;
  };

  [[nodiscard]] Label label_of(double tick) const {
    Label label{.text = shown_tick(chart_.unit, tick), .x = x_of(tick)};
    const double wide = text_width(label.text, kSmallTextSize);
    label.anchor = anchored(label.x, label.text);
    label.left = label.anchor == Anchor::Start ? label.x
                 : label.anchor == Anchor::End ? label.x - wide
                                               : label.x - wide / 2;
    label.right = label.left + wide;
    return label;
  }

  /// Labels every tick, or every second, and so on, so that there is room for them.
  void axis() {
    std::vector<Label> labels;
    for (const double tick : scale_.ticks()) labels.push_back(label_of(tick));
    std::size_t stride = 1;
    const auto collide = [&] {
      for (std::size_t i = stride; i < labels.size(); i += stride) {
        if (labels[i].left < labels[i - stride].right + kLabelGap) return true;
      }
      return false;
    };
    while (collide()) ++stride;
    for (std::size_t i = 0; i < labels.size(); i += stride) {
      svg_.text(labels[i].x, y_ + 12, labels[i].anchor, "tick", labels[i].text);
    }
    y_ += kAxisHeight;
  }

  void footnote() {
    const bool any_shared =
        std::ranges::any_of(bars_, [](const Bar& bar) { return bar.look == Look::Shared; });
    if (!any_shared) return;
    svg_.text(0, y_ + 12, Anchor::Start, "muted small", "† each message goes to one receiver");
    y_ += kAxisHeight;
  }

  const BarChart& chart_;
  std::vector<Bar> bars_;
  Scale scale_;
  double width_;
  bool shows_loss_;
  double plot_;  ///< width of the bars' part
  Markup svg_;
  double y_ = 0;
};

}  // namespace

Drawing draw(const BarChart& chart, double width) { return BarPainter{chart, width}.paint(); }

std::string described(const BarChart& chart) {
  std::string text =
      fmt::format("{}, {} is better. ", chart.quantity, chart.less_is_better ? "less" : "more");
  bool first = true;
  for (const Bar& bar : best_first(chart)) {
    text +=
        fmt::format("{}{}: {}", first ? "" : "; ", bar.name, shown(chart.unit, bar.spread.median));
    if (bar.lost_share) text += fmt::format(", {} lost", shown(Unit::Share, *bar.lost_share));
    first = false;
  }
  for (const Reference& reference : chart.references) {
    text +=
        fmt::format("; for comparison {}: {}", reference.name, shown(chart.unit, reference.value));
  }
  return text + '.';
}

}  // namespace ron::cli::bench::chart
