// SPDX-License-Identifier: MIT OR Apache-2.0
#include "theme.hpp"

#include <fmt/format.h>

#include "../assets.hpp"

namespace ron::cli::bench::chart {

std::string theme_css() {
  return fmt::format(
      ":root {{\n{0}}}\n"
      "@media screen and (prefers-color-scheme: dark) {{\n:root:not([data-theme=\"light\"]) "
      "{{\n{1}}}\n}}\n"
      "@media screen {{\n:root[data-theme=\"dark\"] {{\n{1}}}\n}}\n",
      assets::light_css(), assets::dark_css());
}

}  // namespace ron::cli::bench::chart
