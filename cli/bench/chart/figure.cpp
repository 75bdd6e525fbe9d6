// SPDX-License-Identifier: MIT OR Apache-2.0
#include "figure.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "../assets.hpp"
#include "text_width.hpp"
#include "theme.hpp"

namespace ron::cli::bench::chart {
namespace {

constexpr double kMargin = 20;
constexpr double kLineHeight = 1.4;
constexpr double kGap = 28;  ///< between drawings
constexpr double kTitleHeight = 24;

std::string view_box(double width, double height) {
  return fmt::format("0 0 {} {}", length(width), length(height));
}

}  // namespace

Drawing arranged(std::span<const Titled> drawings, std::size_t columns) {
  Markup markup;
  double y = 0;
  double right = 0;
  for (std::size_t row = 0; row < drawings.size(); row += columns) {
    const auto in_row = drawings.subspan(row, std::min(columns, drawings.size() - row));
    double height = 0;
    double x = 0;
    for (const Titled& item : in_row) {
      markup.open("g", {{"transform", fmt::format("translate({} {})", length(x), length(y))}});
      markup.text(0, kTitleSize, Anchor::Start, "heading", item.title);
      markup.open("g", {{"transform", fmt::format("translate(0 {})", length(kTitleHeight))}});
      markup.raw(item.drawing.markup);
      markup.close();
      markup.close();
      height = std::max(height, kTitleHeight + item.drawing.height);
      x += item.drawing.width + kGap;
    }
    right = std::max(right, x - kGap);
    y += height + kGap;
  }
  return {.markup = markup.take(), .width = right, .height = std::max(0.0, y - kGap)};
}

std::string inlined(const Drawing& drawing, std::string_view title, std::string_view description) {
  Markup svg;
  svg.open(
      "svg",
      {{"class", "chart"}, {"viewBox", view_box(drawing.width, drawing.height)}, {"role", "img"}});
  svg.leaf("title", {}, title);
  svg.leaf("desc", {}, description);
  svg.raw(drawing.markup);
  svg.close();
  return svg.take();
}

std::string standalone(const Drawing& drawing, std::string_view title, std::string_view subtitle,
                       std::string_view description) {
  Markup head;
  double y = kMargin;
  for (const std::string& line : wrapped(title, kTitleSize, drawing.width)) {
    y += kTitleSize * kLineHeight;
    head.text(kMargin, y - 5, Anchor::Start, "heading", line);
  }
  for (const std::string& line : wrapped(subtitle, kTextSize, drawing.width)) {
    y += kTextSize * kLineHeight;
    head.text(kMargin, y - 5, Anchor::Start, "muted", line);
  }
  y += 8;

  const double width = drawing.width + 2 * kMargin;
  const double height = y + drawing.height + kMargin;
  Markup svg;
  svg.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                   {"class", "chart standalone"},
                   {"width", width},
                   {"height", height},
                   {"viewBox", view_box(width, height)},
                   {"role", "img"}});
  svg.leaf("title", {}, title);
  svg.leaf("desc", {}, description);
  svg.open("style");
  svg.raw(theme_css());
  svg.raw(assets::chart_css());
  svg.close();
  svg.leaf("rect", {{"x", 0.5},
                    {"y", 0.5},
                    {"width", width - 1},
                    {"height", height - 1},
                    {"rx", 8},
                    {"class", "paper"}});
  svg.raw(head.take());
  svg.open("g", {{"transform", fmt::format("translate({} {})", length(kMargin), length(y))}});
  svg.raw(drawing.markup);
  svg.close();
  svg.close();
  return svg.take() + "\n";
}

}  // namespace ron::cli::bench::chart
