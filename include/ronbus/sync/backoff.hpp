// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

#include "ronbus/sync/atomic.hpp"

namespace ron::sync {

/// Tells the processor that this is a spin loop.
inline void cpu_relax() noexcept {
#if defined(RONBUS_MODEL_CHECK)
  model::yield();
#elif defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Bounded exponential back-off for a failed compare-and-swap. The loser stays away from the
/// contended line for longer each time, so that the winner can work a streak without losing it:
/// many publishers then share a ring at close to the speed of one.
class Backoff {
 public:
  void pause() noexcept {
    for (std::uint32_t i = 0; i < spins_; ++i) cpu_relax();
    if (spins_ < kMaxSpins) spins_ *= 2;
  }

 private:
  static constexpr std::uint32_t kMinSpins = kModelCheck ? 1 : 8;
  static constexpr std::uint32_t kMaxSpins = kModelCheck ? 1 : 64;
  std::uint32_t spins_ = kMinSpins;
};

}  // namespace ron::sync
