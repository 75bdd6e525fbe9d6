// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The parts of the suite `core`, and what they have in common.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "harness/result.hpp"
#include "harness/rounds.hpp"

namespace ron::bench::core {

inline constexpr const char* kRatio = "ratio_to_xadd";
inline constexpr const char* kFloor = "floor_xadd";

/// Of the buses of numbers: 8 KiB of messages, which the first-level cache holds.
inline constexpr std::size_t kCapacity = 1024;
/// Of the buses of events, which are larger: the largest capacity that autotune chooses.
inline constexpr std::size_t kEventCapacity = 256;

[[nodiscard]] inline Result cost(std::string name, std::string about) {
  return {.name = std::move(name),
          .about = std::move(about),
          .unit = "ns",
          .ratios = {Ratio::to(kFloor, kRatio)},
          .target = {},
          .samples = {}};
}
[[nodiscard]] inline Result cost(std::string name, std::string about, double most_floors) {
  Result result = cost(std::move(name), std::move(about));
  result.target = Target::at_most(kRatio, most_floors);
  return result;
}

void add_floors(std::vector<Case>& cases);
void add_publish(std::vector<Case>& cases);
void add_receive(std::vector<Case>& cases);
void add_events(std::vector<Case>& cases);
void add_fanout(std::vector<Case>& cases);
void add_allocations(std::vector<Case>& cases);
void add_construct(std::vector<Case>& cases);

}  // namespace ron::bench::core
