// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "ronbus/bus.hpp"

#include "message.hpp"
#include "parameters.hpp"

namespace ron::cli::demo {

struct SessionOptions {
  Parameters parameters;
  std::chrono::milliseconds duration{0};  ///< of publishing; 0: until it is told to end
  std::optional<std::string> listen;      ///< the address to serve metrics at
  bool stay = false;                      ///< serve them until it is told to end
  bool json = false;
};

/// Runs a demo on a bus; returns the exit code.
[[nodiscard]] int run_session(Bus<Message> bus, const SessionOptions& options);

}  // namespace ron::cli::demo
