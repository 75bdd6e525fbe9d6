// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Files that the build puts into the program; see `ronbus_embed` in RonbusTargets.cmake.
#pragma once

#include <string_view>

namespace ron::cli::bench::assets {

[[nodiscard]] std::string_view light_css();
[[nodiscard]] std::string_view dark_css();
[[nodiscard]] std::string_view chart_css();
[[nodiscard]] std::string_view page_css();
[[nodiscard]] std::string_view page_js();

}  // namespace ron::cli::bench::assets
