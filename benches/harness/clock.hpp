// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The clock of durations: the time stamp counter where there is one (about 10 ns a reading, the
// same on all cores), else the steady clock. And the clock of latencies that are compared with
// those of other languages, which is the system's monotonic one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace ron::bench {

using Ticks = std::uint64_t;

/// Now. Everything before it in program order has been executed, loads included.
[[nodiscard]] inline Ticks now() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
#if defined(__x86_64__)
  __builtin_ia32_lfence();
  const Ticks ticks = __builtin_ia32_rdtsc();
#else
  const auto ticks =
      static_cast<Ticks>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return ticks;
}

/// Length of a tick; measured against the steady clock at the first call, which takes 50 ms.
[[nodiscard]] double nanoseconds_per_tick();

[[nodiscard]] inline double to_nanoseconds(Ticks ticks) {
  return static_cast<double>(ticks) * nanoseconds_per_tick();
}
[[nodiscard]] inline Ticks to_ticks(double nanoseconds) {
  return static_cast<Ticks>(nanoseconds / nanoseconds_per_tick());
}

/// Nanoseconds of CLOCK_MONOTONIC.
[[nodiscard]] inline std::uint64_t monotonic_ns() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds{now}.count());
}

/// True if the clock advances at the same pace whatever the core and its frequency.
[[nodiscard]] bool clock_is_steady() noexcept;

}  // namespace ron::bench
