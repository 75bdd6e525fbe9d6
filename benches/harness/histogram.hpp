// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ron::bench {

/// Log-linear histogram of whole numbers: every power of two is divided into 64 buckets of equal
/// width, so that a percentile is at most 1.6 % above the true value. Values below 128 are exact.
///
///     value    0 .. 127   128 .. 255   256 .. 511   ...
///     width        1           2            4
class Histogram {
 public:
  void record(std::uint64_t value) noexcept {
    ++buckets_[bucket_of(value)];
    ++count_;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }

  /// Adds all that another one has recorded.
  void add(const Histogram& other) noexcept {
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      buckets_[bucket] += other.buckets_[bucket];
    }
    count_ += other.count_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

  /// The smallest value, rounded up to its bucket, that `percent` of all values do not exceed.
  /// 0 if nothing was recorded.
  [[nodiscard]] std::uint64_t percentile(double percent) const noexcept {
    const double rank = std::ceil(percent / 100.0 * static_cast<double>(count_));
    const auto wanted = static_cast<std::uint64_t>(std::max(rank, 1.0));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      seen += buckets_[bucket];
      if (seen >= wanted) return std::min(highest_of(bucket), max_);
    }
    return max_;
  }

 private:
  static constexpr unsigned kStepBits = 6;
  static constexpr std::uint64_t kSteps = std::uint64_t{1} << kStepBits;
  static constexpr std::size_t kBuckets = (64 - kStepBits + 1) * kSteps;

  /// How many low bits of a value its bucket leaves out.
  [[nodiscard]] static unsigned dropped_bits(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    return width > kStepBits + 1 ? width - (kStepBits + 1) : 0;
  }
  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value) noexcept {
    const unsigned dropped = dropped_bits(value);
    return dropped * kSteps + (value >> dropped);
  }
  [[nodiscard]] static std::uint64_t highest_of(std::size_t bucket) noexcept {
    if (bucket < 2 * kSteps) return bucket;
    const std::size_t dropped = bucket / kSteps - 1;
    const std::uint64_t lowest = (bucket - dropped * kSteps) << dropped;
    return lowest + ((std::uint64_t{1} << dropped) - 1);
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max_ = 0;
};

}  // namespace ron::bench
