// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plan.hpp"
#include "report.hpp"

namespace ron::cli::bench {

struct SessionOptions {
  std::vector<std::filesystem::path> runners;
  std::vector<Case> cases;
  std::vector<std::string> systems;  ///< empty for all
  std::uint64_t rounds;              ///< besides the first, which warms up
  std::uint64_t millis;
  bool pinned;
  std::chrono::milliseconds limit;             ///< for one answer
  std::optional<std::chrono::seconds> budget;  ///< for everything; fewer rounds if need be
};

struct SessionResult {
  Report report;              ///< without the command
  std::optional<int> signal;  ///< that ended it early
};

/// Measures. Says what is skipped and what fails on standard error, as it happens. Or one line that
/// says which option is wrong.
[[nodiscard]] std::expected<SessionResult, std::string> run_session(const SessionOptions& options);

}  // namespace ron::cli::bench
