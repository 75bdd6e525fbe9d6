// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "harness/command_line.hpp"
#include "harness/rounds.hpp"

namespace ron::bench {

/// Throughput and end-to-end latency between threads.
[[nodiscard]] Suite threads_suite(const Options& options);

}  // namespace ron::bench
