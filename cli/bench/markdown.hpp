// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>

#include "report.hpp"

namespace ron::cli::bench {

/// Targets, then one table for each workload.
[[nodiscard]] std::string to_markdown(const Report& report);

}  // namespace ron::cli::bench
