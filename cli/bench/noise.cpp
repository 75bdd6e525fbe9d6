// SPDX-License-Identifier: MIT OR Apache-2.0
#include "noise.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "statistics.hpp"

namespace ron::cli::bench {
namespace {

constexpr double kQuietShare = 0.05;
constexpr double kQuietSpread = 0.1;

/// What floors are compared by; tails of latencies move on the quietest machine.
constexpr std::array<std::string_view, 3> kSteady{"ns", "p50_ns", "deliveries_per_s"};

}  // namespace

std::vector<std::string> notes_on_noise(const std::vector<Result>& results,
                                        double share_of_others) {
  std::vector<std::string> notes;
  if (share_of_others > kQuietShare) {
    notes.push_back(
        fmt::format("other processes used {:.0f} % of the processors", 100 * share_of_others));
  }
  for (const Result& result : results) {
    if (result.workload != "floors") continue;
    for (const Metric& metric : result.metrics) {
      const bool steady = std::ranges::find(kSteady, metric.name) != kSteady.end();
      if (!steady || spread(metric) <= kQuietSpread) continue;
      notes.push_back(
          fmt::format("the quartiles of the floor '{}' are {:.0f} % of its median apart",
                      result.case_name, 100 * spread(metric)));
    }
  }
  return notes;
}

}  // namespace ron::cli::bench
