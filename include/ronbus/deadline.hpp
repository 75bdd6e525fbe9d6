// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>

#include "ronbus/wait/futex.hpp"

namespace ron {

/// When to give up waiting: a duration from now, a time point of any clock, or never (the default).
/// A time point of a clock that can be set is converted once, here; later steps of that clock do
/// not move it.
class AnyDeadline {
 public:
  AnyDeadline() = default;

  template <class Rep, class Period>
  AnyDeadline(std::chrono::duration<Rep, Period> timeout)  // NOLINT(google-explicit-constructor)
      : point_{after(timeout)} {}

  template <class Clock, class Duration>
  AnyDeadline(std::chrono::time_point<Clock, Duration> when)  // NOLINT(google-explicit-constructor)
      : point_{after(when - Clock::now())} {}

  [[nodiscard]] const wait::Deadline& point() const noexcept { return point_; }

 private:
  /// A timeout too long for the clock is no deadline.
  template <class Rep, class Period>
  [[nodiscard]] static wait::Deadline after(std::chrono::duration<Rep, Period> timeout) {
    using Clock = std::chrono::steady_clock;
    const auto now = Clock::now();
    const std::chrono::duration<double> most = Clock::time_point::max() - now;
    if (std::chrono::duration<double>{timeout} >= most) return std::nullopt;
    return now + std::chrono::ceil<Clock::duration>(timeout);
  }

  wait::Deadline point_;
};

}  // namespace ron
