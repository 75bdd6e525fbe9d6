// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>

#include "ronbus/sync/cache_line.hpp"

#include "harness/clock.hpp"

namespace ron::bench {

/// The floor of latency: one word that one thread writes and another polls.
class OneLine {
 public:
  void post(Ticks stamp) noexcept { word_.store(stamp, std::memory_order_release); }

  /// True if there is a new stamp.
  [[nodiscard]] bool poll(Ticks& stamp) noexcept {
    stamp = word_.load(std::memory_order_acquire);
    if (stamp == last_) return false;
    last_ = stamp;
    return true;
  }

 private:
  alignas(sync::kCacheLine) std::atomic<Ticks> word_{kNothing};
  alignas(sync::kCacheLine) Ticks last_ = kNothing;

  static constexpr Ticks kNothing = ~Ticks{0};
};

}  // namespace ron::bench
