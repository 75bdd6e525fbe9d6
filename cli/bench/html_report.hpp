// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>

#include "report.hpp"

namespace ron::cli::bench {

/// One page with charts that needs nothing else.
[[nodiscard]] std::string to_html(const Report& report);

}  // namespace ron::cli::bench
