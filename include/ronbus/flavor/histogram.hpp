// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "ronbus/distribution.hpp"
#include "ronbus/sync/atomic.hpp"

namespace ron::flavor {

/// Counts values as Distribution tells them. Any thread may record and any may look; whoever looks
/// while others record may find some of them without their part of the sum.
class Histogram {
 public:
  // relaxed throughout: each word stands for itself.

  void record(std::uint64_t value) noexcept {
    counts_[Distribution::bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  /// For one who records alone, before others look again.
  void clear() noexcept {
    for (auto& count : counts_) count.store(0, std::memory_order_relaxed);
    sum_.store(0, std::memory_order_relaxed);
  }

  [[nodiscard]] Distribution distribution() const {
    const std::uint64_t sum = sum_.load(std::memory_order_relaxed);
    std::vector<std::uint64_t> counts(counts_.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] = counts_[i].load(std::memory_order_relaxed);
    }
    return {std::move(counts), sum};
  }

 private:
  std::array<sync::Atomic<std::uint64_t>, Distribution::kBuckets> counts_;
  sync::Atomic<std::uint64_t> sum_{0};
};

}  // namespace ron::flavor
