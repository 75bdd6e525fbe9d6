// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report.hpp"

namespace ron::cli::bench {

struct SvgFile {
  std::string name;  ///< as "gated-1x1-one-by-one-deliveries-per-s.svg"
  std::string content;
};

/// Every chart of a report as a file that can be shown by itself, on a light or dark page; and
/// overview.svg, a few of them together.
[[nodiscard]] std::vector<SvgFile> to_svg_files(const Report& report);

}  // namespace ron::cli::bench
