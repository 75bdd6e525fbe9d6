// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The short while for which a case runs in one round.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/clock.hpp"

namespace ron::bench::core {

inline constexpr double kSliceNanoseconds = 3e6;

/// Times an operation that can be repeated without a break. The clock is read twice a slice; how
/// many operations fill one is taken from the slice before.
class Slice {
 public:
  /// `operations(count)` does `count` of them, a multiple of kUnit. Returns nanoseconds for one.
  template <class Operations>
  [[nodiscard]] double measure(Operations&& operations) {
    const std::uint64_t count = count_;
    const Ticks begin = now();
    operations(count);
    const double elapsed = to_nanoseconds(now() - begin);
    const double each = elapsed / static_cast<double>(count);
    // At most doubled at a time: the first slices run on cold caches.
    const auto fitting = static_cast<std::uint64_t>(kSliceNanoseconds / std::max(each, 0.01));
    count_ = std::max(std::min(fitting, 2 * count) / kUnit * kUnit, kUnit);
    return each;
  }

  static constexpr std::uint64_t kUnit = 64;

 private:
  std::uint64_t count_ = std::uint64_t{1} << 16U;
};

/// Times an operation that needs a preparation every so often, which is not timed.
/// `timed()` returns how many operations it did. Returns nanoseconds for one.
template <class Prepare, class Timed>
[[nodiscard]] double measure_prepared(Prepare&& prepare, Timed&& timed) {
  const Ticks enough = to_ticks(kSliceNanoseconds);
  Ticks elapsed = 0;
  std::uint64_t count = 0;
  while (elapsed < enough) {
    prepare();
    const Ticks begin = now();
    count += timed();
    elapsed += now() - begin;
  }
  return to_nanoseconds(elapsed) / static_cast<double>(count);
}

}  // namespace ron::bench::core
