// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How many subscribers have begun to read, and waiting for that number to change.
//
// A subscriber is counted here once its start is fixed. Whoever has seen the count therefore
// publishes beyond that start: what is published after the wait is what the subscriber sees.
// Nobody but those who come and go pays for it, and these one relaxed load while nobody waits.
#pragma once

#include <atomic>
#include <cstddef>
#include <stop_token>

#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/wait/event_count.hpp"

namespace ron::flavor {

class Attendance {
 public:
  explicit Attendance(sync::FenceKind kind) noexcept : attention_{kind}, changed_{attention_} {}

  /// Subscribers whose start is fixed.
  [[nodiscard]] std::size_t present() const noexcept {
    // acquire: pairs with the release in enter(); what is published now is beyond their starts.
    return present_.load(std::memory_order_acquire);
  }

  void enter() noexcept {
    present_.fetch_add(1, std::memory_order_release);
    notify();
  }
  /// Does not notify: that is done once the subscriber is not counted any more.
  void leave() noexcept { present_.fetch_sub(1, std::memory_order_relaxed); }

  /// Lets those who wait look again.
  void notify() noexcept {
    if ((attention_.after_access() & sync::Attention::kSleepers) != 0) [[unlikely]]
      changed_.notify();
  }

  /// Returns once `ready()` is true, the deadline has passed or `stop` is requested.
  template <class ReadyFn>
  [[nodiscard]] wait::WaitStatus wait(const ReadyFn& ready, const wait::Deadline& deadline,
                                      const std::stop_token& stop) {
    return changed_.wait(ready, deadline, stop);
  }

 private:
  sync::Atomic<std::size_t> present_{0};
  sync::Attention attention_;
  wait::EventCount changed_;
};

}  // namespace ron::flavor
