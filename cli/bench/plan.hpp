// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "report.hpp"

namespace ron::cli::bench {

/// A workload with its parameters; see docs/BENCHMARKS.md.
struct Case {
  std::string_view workload;
  std::string_view name;        ///< unique within the workload
  std::string_view parameters;  ///< as in a request, "subscribers=1 slow=0"
  bool quick;                   ///< whether it is measured without `--full`, too
};

/// All cases, those of a workload side by side.
[[nodiscard]] std::span<const Case> plan();

[[nodiscard]] std::vector<std::string_view> workloads_of(std::span<const Case> cases);

[[nodiscard]] std::vector<Parameter> parameters_of(const Case& entry);

/// Whether a case is pinned even if nobody asks: two threads at a pace, one of which spins, measure
/// the scheduler as soon as they meet on one processor.
[[nodiscard]] bool always_pinned(const Case& entry);

}  // namespace ron::cli::bench
