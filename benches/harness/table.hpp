// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/result.hpp"

namespace ron::bench {

/// The results as a table for people; `ratio` names the ratio that gets a column.
[[nodiscard]] std::string to_table(const std::vector<Result>& results, const std::string& ratio);

}  // namespace ron::bench
