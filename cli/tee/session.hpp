// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ronbus/bus.hpp"

#include "line_run.hpp"

namespace ron::cli::tee {

struct SessionOptions {
  std::vector<std::string> plain;
  std::vector<std::string> lossy;
  std::chrono::milliseconds grace;
  bool json = false;
};

/// Starts the commands, broadcasts standard input to them over `bus`, sees them all to their end
/// and prints the summary. Returns the exit code of the program.
[[nodiscard]] int run_session(Bus<LineRun> bus, const SessionOptions& options);

}  // namespace ron::cli::tee
