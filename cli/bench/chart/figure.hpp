// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What all kinds of charts share: sizes, and how a chart becomes an SVG element or file. Looks are
// in chart.css.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "markup.hpp"

namespace ron::cli::bench::chart {

inline constexpr double kTextSize = 12.5;
inline constexpr double kSmallTextSize = 11;
inline constexpr double kTitleSize = 15;

/// Of a chart that fits the column of a page and the screen of a telephone.
inline constexpr double kColumn = 380;

/// A drawing that is not yet placed.
struct Drawing {
  std::string markup;
  double width = 0;
  double height = 0;
};

struct Titled {
  std::string title;
  Drawing drawing;
};

/// Drawings of the same width under their titles, row by row.
[[nodiscard]] Drawing arranged(std::span<const Titled> drawings, std::size_t columns);

/// An `svg` element for use inside of HTML. `title` and `description` are for those who do not see
/// it.
[[nodiscard]] std::string inlined(const Drawing& drawing, std::string_view title,
                                  std::string_view description);

/// A file of its own, on a background of its own, which follows the reader's preference for dark
/// or light. `title` and `subtitle` are written above the drawing.
[[nodiscard]] std::string standalone(const Drawing& drawing, std::string_view title,
                                     std::string_view subtitle, std::string_view description);

}  // namespace ron::cli::bench::chart
