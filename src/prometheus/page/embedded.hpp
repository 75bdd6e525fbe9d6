// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Files that the build puts into the library; see `ronbus_embed` in RonbusTargets.cmake.
#pragma once

#include <string_view>

namespace ron::prometheus::page::embedded {

[[nodiscard]] std::string_view chart_js();
[[nodiscard]] std::string_view exposition_js();
[[nodiscard]] std::string_view history_js();
[[nodiscard]] std::string_view index_html();
[[nodiscard]] std::string_view numbers_js();
[[nodiscard]] std::string_view page_css();
[[nodiscard]] std::string_view page_js();
[[nodiscard]] std::string_view table_js();

/// Of uPlot, which draws the charts; see third_party/uplot.
[[nodiscard]] std::string_view license();
[[nodiscard]] std::string_view uplot_iife_min_js();
[[nodiscard]] std::string_view uplot_min_css();

}  // namespace ron::prometheus::page::embedded
