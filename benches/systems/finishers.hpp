// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

namespace ron::bench {

/// Counts the senders that have finished.
class Finishers {
 public:
  explicit Finishers(std::size_t expected) noexcept : missing_{expected} {}

  /// True for the last one, which sees all that the others did before.
  [[nodiscard]] bool arrive() noexcept {
    return missing_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

 private:
  std::atomic<std::size_t> missing_;
};

}  // namespace ron::bench
