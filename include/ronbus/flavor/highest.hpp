// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "ronbus/sync/atomic.hpp"

namespace ron::flavor {

/// Makes of a count that may be found too low for a moment one that never goes down.
class Highest {
 public:
  /// The highest that was found so far, `count` included. Any thread.
  std::uint64_t at_least(std::uint64_t count) noexcept {
    // relaxed: the count stands for itself.
    std::uint64_t seen = count_.load(std::memory_order_relaxed);
    while (seen < count && !count_.compare_exchange(seen, count, std::memory_order_relaxed,
                                                    std::memory_order_relaxed)) {
    }
    return std::max(seen, count);
  }
  [[nodiscard]] std::uint64_t so_far() const noexcept {
    return count_.load(std::memory_order_relaxed);
  }

 private:
  sync::Atomic<std::uint64_t> count_{0};
};

}  // namespace ron::flavor
