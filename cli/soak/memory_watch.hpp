// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace ron::cli::soak {

/// Resident memory of this process in KiB; 0 if the system does not say.
[[nodiscard]] std::uint64_t resident_kib();

/// Compares the memory of a process with what it needed when it was warm.
class MemoryWatch {
 public:
  /// Takes a sample; the first one since the process is warm is what others are compared with.
  void sample(std::uint64_t kib, bool is_warm) {
    last_ = kib;
    if (!is_warm) return;
    if (!base_) base_ = kib;
    growth_ = std::max(growth_, kib - std::min(kib, *base_));
  }

  [[nodiscard]] std::uint64_t last_kib() const noexcept { return last_; }
  /// The most that any sample was above the first warm one.
  [[nodiscard]] std::uint64_t growth_kib() const noexcept { return growth_; }

 private:
  std::uint64_t last_ = 0;
  std::optional<std::uint64_t> base_;
  std::uint64_t growth_ = 0;
};

}  // namespace ron::cli::soak
