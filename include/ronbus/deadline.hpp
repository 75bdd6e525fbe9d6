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

  // Implicit, so that `recv_many(out, 5ms)` can be written.

  template <class Rep, class Period>
  AnyDeadline(std::chrono::duration<Rep, Period> timeout)  // NOLINT(google-explicit-constructor)
      : point_{after(timeout)} {}

  template <class Clock, class Duration>
  AnyDeadline(std::chrono::time_point<Clock, Duration> when)  // NOLINT(google-explicit-constructor)
      : point_{at(when.time_since_epoch(), Clock::now().time_since_epoch())} {}

  [[nodiscard]] const wait::Deadline& point() const noexcept { return point_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;

  /// A timeout too long for the clock is no deadline. The ends are told by floating point, in which
  /// no unit of time overflows.
  template <class Rep, class Period>
  [[nodiscard]] static wait::Deadline after(std::chrono::duration<Rep, Period> timeout) {
    const auto now = Clock::now();
    if (Seconds{timeout} >= Seconds{Clock::time_point::max() - now}) return std::nullopt;
    if (timeout <= timeout.zero()) return now;
    return now + std::chrono::ceil<Clock::duration>(timeout);
  }

  template <class When, class Now>
  [[nodiscard]] static wait::Deadline at(When when, Now now) {
    const Seconds left = Seconds{when} - Seconds{now};
    if (left >= Seconds{Clock::time_point::max() - Clock::now()}) return std::nullopt;
    if (left <= Seconds{-1}) return Clock::now();
    return after(when - now);
  }

  wait::Deadline point_;
};

}  // namespace ron
