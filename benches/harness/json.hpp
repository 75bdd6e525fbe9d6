// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/result.hpp"

namespace ron::bench {

/// The results as a JSON array with one object each: `name`, `about`, `unit`, `median`, `min`,
/// `max`; every ratio under its own name (null if it has no reference), and in `references` what it
/// is a ratio to; `target` and `met` where there is a target; the raw `samples`, one a round.
[[nodiscard]] std::string to_json(const std::vector<Result>& results);

}  // namespace ron::bench
