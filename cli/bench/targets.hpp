// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <vector>

#include "report.hpp"

namespace ron::cli::bench {

/// What this project claims about its speed, held against the results of a report.
[[nodiscard]] std::vector<Target> evaluate_targets(const Report& report);

}  // namespace ron::cli::bench
