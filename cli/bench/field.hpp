// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report.hpp"
#include "runner.hpp"

namespace ron::cli::bench {

/// A system and who runs it.
struct Contender {
  System system;
  Runner* runner;
  std::vector<std::string> workloads;  ///< that it takes part in
};

/// The runners that have been started, and what they offer.
struct Field {
  std::vector<Runner> runners;
  std::vector<Contender> contenders;  ///< in the order of reports
  std::vector<Remark> skipped;        ///< systems that no runner offers
  std::vector<Remark> failures;       ///< runners that could not say what they offer
  std::optional<int> signal;          ///< that ended this early
};

/// Starts all runners and asks them. With `wanted` systems only those are contenders; an unknown
/// one is an error.
[[nodiscard]] std::expected<Field, std::string> gather_field(
    const std::vector<std::filesystem::path>& runners, const std::vector<std::string>& wanted,
    std::chrono::milliseconds limit, SignalInbox& signals);

}  // namespace ron::cli::bench
