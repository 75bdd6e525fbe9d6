// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report.hpp"

namespace ron::cli::bench {

/// What a reader should know before trusting the figures: others at work, of whom `share_of_others`
/// says how much of the processors they used, and floors that moved. One line each.
[[nodiscard]] std::vector<std::string> notes_on_noise(const std::vector<Result>& results,
                                                      double share_of_others);

}  // namespace ron::cli::bench
