// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Latency by stamps: one thread posts the time at a steady pace, another takes the difference.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "harness/check.hpp"
#include "harness/clock.hpp"
#include "harness/histogram.hpp"

namespace ron::bench {

/// Posted last, when nothing else is to come.
inline constexpr Ticks kEndStamp = 0;

/// Calls `post(now())` every `interval` nanoseconds, awake in between, until `stop`; then
/// `post(kEndStamp)` in its turn. What is overdue because this thread was not running is left out,
/// not caught up with.
template <class Post>
void post_stamps(const std::atomic<bool>& stop, double interval, const Post& post) {
  const Ticks step = to_ticks(interval);
  Ticks due = now();
  for (bool last = false; !last;) {
    last = stop.load(std::memory_order_relaxed);
    due = std::max(due + step, now());
    while (now() < due) {
    }
    post(last ? kEndStamp : now());
  }
}

/// What a receiver of stamps writes down.
class StampRecord {
 public:
  /// False when nothing is to come any more.
  [[nodiscard]] bool note(Ticks stamp) {
    const Ticks received = now();
    if (stamp == kEndStamp) return false;
    in_order_ = in_order_ && last_ < stamp && stamp <= received;
    last_ = stamp;
    histogram_.record(static_cast<std::uint64_t>(to_nanoseconds(received - stamp)));
    return true;
  }
  [[nodiscard]] const Histogram& checked() const {
    check(histogram_.count() > 0, "nothing arrived");
    check(in_order_, "stamps are out of order, or the clocks of two cores disagree");
    return histogram_;
  }

 private:
  Histogram histogram_;
  Ticks last_ = 0;
  bool in_order_ = true;
};

}  // namespace ron::bench
