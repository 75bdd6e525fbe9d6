// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The parts of the suite `wake`, and what they have in common.
#pragma once

#include <vector>

#include "harness/rounds.hpp"
#include "harness/workers.hpp"

namespace ron::bench::wake {

inline constexpr const char* kRatio = "ratio_to_floor";

void add_asynchronous_receive(std::vector<Case>& cases, const Conditions& conditions);
void add_publish_beside_sleepers(std::vector<Case>& cases, const Conditions& conditions);
void add_sleeping_receive(std::vector<Case>& cases, const Conditions& conditions);
void add_wake_ups(std::vector<Case>& cases, const Conditions& conditions);

}  // namespace ron::bench::wake
