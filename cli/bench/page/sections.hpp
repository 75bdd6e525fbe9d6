// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which charts a report has, and in which order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../report.hpp"
#include "figures.hpp"

namespace ron::cli::bench::page {

/// The charts of one case, or of cases that form a curve.
struct Panel {
  std::string title;
  std::vector<Figure> figures;
  std::vector<Figure> more;  ///< for those who want to know
};

struct Section {
  std::string workload;
  std::string title;
  std::string text;  ///< what is measured, in a sentence or two
  std::vector<Panel> panels;
};

/// One for each workload of the report.
[[nodiscard]] std::vector<Section> sections_of(const Report& report);

}  // namespace ron::cli::bench::page
