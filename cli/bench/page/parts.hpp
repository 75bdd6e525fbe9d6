// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The parts of the page, each as HTML.
#pragma once

#include <string>
#include <string_view>

#include "../report.hpp"

namespace ron::cli::bench::page {

/// Machine, commit, command, how often and how long.
[[nodiscard]] std::string facts(const Report& report);

/// What speaks against trusting the figures; empty if nothing does.
[[nodiscard]] std::string doubts(const Report& report);

/// The claims, each with its figure and whether it is met.
[[nodiscard]] std::string targets(const Report& report);

/// All figures of a workload.
[[nodiscard]] std::string figures_table(const Report& report, std::string_view workload);

[[nodiscard]] std::string systems_table(const Report& report);

/// What was not measured, and why; empty if everything was.
[[nodiscard]] std::string skipped_table(const Report& report);

}  // namespace ron::cli::bench::page
