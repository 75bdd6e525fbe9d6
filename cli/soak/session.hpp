// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "parameters.hpp"

namespace ron::cli::soak {

struct SessionOptions {
  Parameters parameters;
  std::string state;  ///< file to go on from and to keep; empty: none
  std::string json;   ///< file for the summary; empty: none
  std::chrono::milliseconds checkpoint{5000};
  std::uint64_t growth_limit_kib = 0;
};

/// Soaks the bus until everything is published, a check fails or a signal comes, and prints the
/// summary. Returns the exit code of the program.
[[nodiscard]] int run_session(const SessionOptions& options);

}  // namespace ron::cli::soak
