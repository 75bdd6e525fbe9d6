// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>

namespace ron::cli::bench::chart {

/// The colours as CSS variables: dark where the reader prefers that, light otherwise and on paper.
/// An attribute `data-theme` of the root element overrules the preference.
[[nodiscard]] std::string theme_css();

}  // namespace ron::cli::bench::chart
