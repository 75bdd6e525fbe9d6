// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bullet.hpp"

#include <algorithm>
#include <cmath>

namespace ron::cli::bench::chart {
namespace {

constexpr double kHeight = 14;
constexpr double kThickness = 8;

}  // namespace

Drawing draw_bullet(double quotient, double width) {
  const double middle = width / 2;
  const double reach = std::clamp(std::log10(std::max(quotient, 1e-9)), -1.0, 1.0);
  const double end = middle + reach * middle;
  const double top = (kHeight - kThickness) / 2;
  Markup svg;
  svg.rect(0, top, width, kThickness, "bullet-track");
  svg.rect(std::min(middle, end), top, std::max(1.5, std::abs(end - middle)), kThickness,
           quotient >= 1 ? "bullet-met" : "bullet-missed");
  svg.line(middle, 0, middle, kHeight, "bullet-aim");
  return {.markup = svg.take(), .width = width, .height = kHeight};
}

}  // namespace ron::cli::bench::chart
