// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How often which values occurred, told to a part in 32 whatever their size: each power of two is
// divided into 16 buckets of the same width.
//
//     value    0 .. 15   16 .. 31   32, 33 | 34, 35 | ...  64 .. 67 | ...
//     bucket   0 .. 15   16 .. 31     32       33            48       ...
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace ron {

/// A distribution of whole numbers, as a value: a copy of what was counted up to some moment.
class Distribution {
 public:
  /// Buckets into which a power of two is divided.
  static constexpr std::size_t kDivisions = 16;
  /// Values from 2^kBits on are counted as 2^kBits - 1; in nanoseconds that is 18 minutes.
  static constexpr std::size_t kBits = 40;
  static constexpr std::size_t kBuckets = kDivisions * (kBits - 3);

  Distribution() = default;
  /// `counts` as told above; `sum` of all values.
  Distribution(std::vector<std::uint64_t> counts, std::uint64_t sum)
      : counts_{std::move(counts)},
        count_{std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0})},
        sum_{sum} {}

  /// The bucket in which a value is counted.
  [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
    value = std::min(value, (std::uint64_t{1} << kBits) - 1);
    const auto power = static_cast<std::size_t>(std::bit_width(value / kDivisions));
    if (power <= 1) return static_cast<std::size_t>(value);
    return (power - 1) * kDivisions + static_cast<std::size_t>(value >> (power - 1));
  }
  /// The smallest and the largest value that are counted in a bucket.
  [[nodiscard]] static constexpr std::uint64_t lowest_of(std::size_t bucket) noexcept {
    if (bucket < 2 * kDivisions) return bucket;
    const std::size_t power = bucket / kDivisions - 1;
    return std::uint64_t{bucket % kDivisions + kDivisions} << power;
  }
  [[nodiscard]] static constexpr std::uint64_t highest_of(std::size_t bucket) noexcept {
    return lowest_of(bucket + 1) - 1;
  }

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// Of all values, exactly.
  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }
  /// The value that this part of all values (0 to 1) do not exceed, to a part in 32; 0 if empty.
  [[nodiscard]] std::uint64_t quantile(double part) const noexcept {
    const auto rank = static_cast<std::uint64_t>(std::clamp(part, 0.0, 1.0) *
                                                 static_cast<double>(count_ == 0 ? 0 : count_ - 1));
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      passed += counts_[i];
      if (passed > rank) return std::midpoint(lowest_of(i), highest_of(i));
    }
    return 0;
  }
  /// The largest value, to a part in 16 and not less than it was; 0 if empty.
  [[nodiscard]] std::uint64_t max() const noexcept {
    for (std::size_t i = counts_.size(); i-- > 0;) {
      if (counts_[i] != 0) return highest_of(i);
    }
    return 0;
  }
  /// How many values are not above `bound`: exactly if that is below 32 or one less than a power of
  /// two, else those of its whole bucket, too.
  [[nodiscard]] std::uint64_t count_up_to(std::uint64_t bound) const noexcept {
    const std::size_t end = std::min(counts_.size(), bucket_of(bound) + 1);
    return std::accumulate(counts_.begin(),
                           std::next(counts_.begin(), static_cast<std::ptrdiff_t>(end)),
                           std::uint64_t{0});
  }

  friend bool operator==(const Distribution&, const Distribution&) = default;

 private:
  std::vector<std::uint64_t> counts_;  ///< of each bucket; empty if there is none
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace ron
