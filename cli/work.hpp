// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace ron::cli {

/// The events that are still to be published, for all publishers to take from.
class Work {
 public:
  explicit Work(std::uint64_t events) noexcept : left_{events} {}

  /// Up to `count`; 0 if nothing is left.
  [[nodiscard]] std::uint64_t take(std::uint64_t count) noexcept {
    std::uint64_t left = left_.load(std::memory_order_relaxed);
    while (!left_.compare_exchange_weak(left, left - std::min(left, count),
                                        std::memory_order_relaxed)) {
    }
    return std::min(left, count);
  }

 private:
  std::atomic<std::uint64_t> left_;
};

}  // namespace ron::cli
