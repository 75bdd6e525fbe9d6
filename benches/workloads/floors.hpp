// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `floors`: what no bus can beat on this machine, and what the harness costs.
#pragma once

#include "harness/serve.hpp"

namespace ron::bench {

[[nodiscard]] Metrics floors(Words& words);

}  // namespace ron::bench
