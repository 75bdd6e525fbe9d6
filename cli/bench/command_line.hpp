// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>

namespace ron::cli::bench {

/// What this program was called with, as one would type it into a shell.
[[nodiscard]] std::string command_line();

}  // namespace ron::cli::bench
