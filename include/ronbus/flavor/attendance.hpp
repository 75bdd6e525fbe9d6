// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How many subscribers have begun to read, and waiting for that number to change; also, how many
// messages were published while it was 0.
//
// A subscriber is counted here once its start is fixed. Whoever has seen the count therefore
// publishes beyond that start: what is published after the wait is what the subscriber sees.
// Nobody but those who come and go pays for it, and these one relaxed load while nobody waits.
//
//     audience   63                    32 31                     0
//                +-----------------------+-----------------------+
//                |         epoch         |        present        |
//                +-----------------------+-----------------------+
//
// The epoch counts the changes from and to 0. The last one to leave notes the tail before it makes
// that change, while it is itself present and nobody else can: whoever comes next, and has seen the
// same epoch before and after, finds in `empty_since_` where nobody was there any more.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stop_token>

#include "ronbus/flavor/highest.hpp"
#include "ronbus/kernel/sequence.hpp"
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
    return present_in(audience_.load(std::memory_order_acquire));
  }

  /// A subscriber that is there for all that is published from `tail` on.
  void enter(kernel::Sequence tail) noexcept {
    // acquire: pairs with the release in leave(); what is noted there is seen.
    std::uint64_t seen = audience_.load(std::memory_order_acquire);
    kernel::Sequence since = tail;
    do {
      since = present_in(seen) == 0 ? empty_since_.so_far() : tail;
      // release: pairs with the acquire in present().
    } while (!audience_.compare_exchange(seen, seen + 1 + (present_in(seen) == 0 ? kEpoch : 0),
                                         std::memory_order_acq_rel, std::memory_order_acquire));
    // release: who finds it added finds the epoch begun; pairs with the acquire in unheard().
    if (since < tail) unheard_.fetch_add(tail - since, std::memory_order_release);
    notify();
  }
  /// At `tail`. Does not notify: that is done once the subscriber is not counted any more.
  void leave(kernel::Sequence tail) noexcept {
    std::uint64_t seen = audience_.load(std::memory_order_relaxed);
    do {
      // In whatever order notes are seen, the latest one stays.
      if (present_in(seen) == 1) empty_since_.at_least(tail);
      // release: pairs with the acquires in enter() and unheard().
    } while (!audience_.compare_exchange(seen, seen - 1 + (present_in(seen) == 1 ? kEpoch : 0),
                                         std::memory_order_release, std::memory_order_relaxed));
  }

  /// Messages before `tail` that were published while nobody was there. Never less than it said
  /// before.
  [[nodiscard]] std::uint64_t unheard(kernel::Sequence tail) noexcept {
    for (;;) {
      const std::uint64_t seen = audience_.load(std::memory_order_acquire);
      const std::uint64_t before = unheard_.load(std::memory_order_acquire);
      // Who came may not have added yet what was published until then.
      if (present_in(seen) != 0) return shown_unheard_.at_least(before);
      // If it is noted by who left later, less is told, for a moment.
      const kernel::Sequence since = empty_since_.so_far();
      // Somebody came, or came and went: what was added may be what is counted here.
      if (audience_.load(std::memory_order_relaxed) != seen) continue;
      return shown_unheard_.at_least(before + (tail > since ? tail - since : 0));
    }
  }

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
  static constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32;
  [[nodiscard]] static constexpr std::uint32_t present_in(std::uint64_t audience) noexcept {
    return static_cast<std::uint32_t>(audience);
  }

  sync::Atomic<std::uint64_t> audience_{0};
  Highest empty_since_;
  sync::Atomic<std::uint64_t> unheard_{0};
  Highest shown_unheard_;
  sync::Attention attention_;
  wait::EventCount changed_;
};

}  // namespace ron::flavor
