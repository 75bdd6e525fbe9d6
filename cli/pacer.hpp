// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace ron::cli {

/// Tells one publisher how many messages to publish at once, and when. A publisher that was held up
/// makes up for a few of these bursts and forgets the rest: the pace is an upper limit, and a
/// machine that stood still does not flood the bus afterwards.
class Pacer {
 public:
  using Clock = std::chrono::steady_clock;

  /// `pace` is in messages a second; 0 is no limit.
  explicit Pacer(double pace) noexcept;

  /// The messages of one burst.
  [[nodiscard]] std::uint64_t burst() const noexcept { return burst_; }
  /// When the next burst is due, seen from `now`; the one after it is due an interval later.
  [[nodiscard]] Clock::time_point next(Clock::time_point now) noexcept;
  [[nodiscard]] bool has_limit() const noexcept { return interval_ > Clock::duration::zero(); }

 private:
  std::uint64_t burst_;
  Clock::duration interval_{0};
  Clock::time_point due_;
};

}  // namespace ron::cli
