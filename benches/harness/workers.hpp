// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <vector>

namespace ron::bench {

/// Under which conditions every case of the suite runs.
struct Conditions {
  bool pin = false;
  std::chrono::milliseconds duration{350};
};

/// What one thread does. It looks at the flag now and then and ends soon after it is set. It must
/// not throw: what it finds is checked when all have ended.
using Worker = std::move_only_function<void(const std::atomic<bool>& stop)>;

/// How many operations a worker does between two looks at the flag.
inline constexpr int kStride = 64;

/// Runs each worker on a thread of its own, all let go at once, and sets the flag after the
/// duration. Returns the seconds from the first that began to the last that ended.
double run_workers(std::vector<Worker> workers, const Conditions& conditions);

}  // namespace ron::bench
