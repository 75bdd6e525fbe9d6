// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The parts of the suite `threads`, and what they have in common.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/result.hpp"
#include "harness/rounds.hpp"
#include "harness/workers.hpp"

namespace ron::bench::threads {

using Number = std::uint64_t;

inline constexpr const char* kRatio = "ratio_to_floor";

/// Millions a second, compared with the floor of that name.
[[nodiscard]] inline Result rate(std::string name, std::string about, std::string floor) {
  return {.name = std::move(name),
          .about = std::move(about),
          .unit = "M/s",
          .ratios = {Ratio::to(std::move(floor), kRatio)},
          .target = {},
          .samples = {}};
}
[[nodiscard]] inline Result rate(std::string name, std::string about, std::string floor,
                                 double least) {
  Result result = rate(std::move(name), std::move(about), std::move(floor));
  result.target = Target::at_least("median", least);
  return result;
}

[[nodiscard]] inline double millions_a_second(std::uint64_t count, double seconds) {
  return static_cast<double>(count) / seconds / 1e6;
}

void add_one_to_one(std::vector<Case>& cases, const Conditions& conditions);
void add_contended(std::vector<Case>& cases, const Conditions& conditions);
void add_many_to_many(std::vector<Case>& cases, const Conditions& conditions);
void add_latency(std::vector<Case>& cases, const Conditions& conditions);

}  // namespace ron::bench::threads
