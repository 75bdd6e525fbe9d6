// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sleeping until subscribers have read on, without a cost to those while nobody waits: publishers
// wait here for room, drains for everybody to have read. The word on which they sleep is `epoch`.
//
//   who waits    (D0) ticket = epoch   (D1) wake_at = target in every record that is behind; heavy
//                fence   (D2) is it done?   (D3) sleep while epoch == ticket; again from D0
//   subscriber   (M1) cursor = next; light fence   (M2) cursor >= wake_at?   (M3) wake_at = kNever,
//                unless it has changed   (M4) epoch + 1, wake
//
// Either D2 sees the cursor of M1, or M2 sees the target of D1. D1 only ever lowers the word, to
// the first target that anybody wants; who wants a later one is woken with it and begins again:
// what D1 finds there and leaves as it is, is taken away by an M3 that is still to come, and the
// ticket is older than its M4.
//
// close() ends a wait as a subscriber does: it counts who waits after the order has ended, and who
// waits looks whether it has after it was counted.
//
// Without membarrier the light fence would have to be a real one. Gating subscribers run it; lossy
// ones leave it out, so who waits for them sleeps briefly and looks again.
//
// A subscriber halted between M1 and M4 lets those who wait for it sleep on, as if it had not read.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>

#include "ronbus/flavor/subscription.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/cache_line.hpp"
#include "ronbus/sync/fence.hpp"
#include "ronbus/wait/futex.hpp"

namespace ron::flavor {

class Progress {
 public:
  explicit Progress(sync::FenceKind kind) noexcept : fence_{kind} {}

  /// The fence between M1 and M2, and between D1 and D2.
  [[nodiscard]] const sync::AsymmetricFence& fence() const noexcept { return fence_; }

  /// M3 and M4, for a subscriber that found `target` in `word` and is at or beyond it.
  void reached(sync::Atomic<kernel::Sequence>& word, kernel::Sequence target) noexcept {
    // seq_cst: who sees the epoch of M4 in D0 does not see this target in D1.
    word.compare_exchange(target, Subscription::kNever, std::memory_order_seq_cst,
                          std::memory_order_relaxed);
    wake_all();
  }

  /// Lets everybody who waits look again, after something else changed than a cursor.
  void notify() noexcept {
    sync::fence(std::memory_order_seq_cst);  // pairs with the fence of D1
    if (waiting_.load(std::memory_order_relaxed) != 0) wake_all();
  }

  /// Returns once `done()` is true, the deadline has passed or `stop` is requested; looks in this
  /// order, and again after `nap` if there is one. `ask()` is D1; it answers whether it changed
  /// anything.
  template <class AskFn, class DoneFn>
  [[nodiscard]] wait::WaitStatus wait(const AskFn& ask, const DoneFn& done,
                                      const std::optional<std::chrono::nanoseconds>& nap,
                                      const wait::Deadline& deadline, const std::stop_token& stop) {
    struct Count {
      sync::Atomic<std::uint32_t>& waiting;
      explicit Count(sync::Atomic<std::uint32_t>& count) noexcept : waiting{count} {
        waiting.fetch_add(1, std::memory_order_relaxed);  // ordered by the fence of D1
      }
      ~Count() { waiting.fetch_sub(1, std::memory_order_relaxed); }
    } const count{waiting_};
    const std::stop_callback wake_on_stop{stop, [this] { wake_all(); }};
    for (;;) {
      // seq_cst: D0 comes before D1 and before the look at the stop token.
      const std::uint32_t ticket = epoch_.load(std::memory_order_seq_cst);
      ask();
      fence_.heavy();
      if (done()) return wait::WaitStatus::Ready;
      if (stop.stop_requested()) return wait::WaitStatus::Stopped;
      if (deadline && std::chrono::steady_clock::now() >= *deadline) {
        return wait::WaitStatus::Timeout;
      }
      if (ask()) continue;  // a subscriber came in between
      wait::Deadline until = deadline;
      if (nap) {
        const auto soon = std::chrono::steady_clock::now() + *nap;
        if (!until || soon < *until) until = soon;
      }
      wait::futex_wait(epoch_.word(), ticket, until);
    }
  }

 private:
  void wake_all() noexcept {
    epoch_.fetch_add(1, std::memory_order_seq_cst);
    wait::futex_wake_all(epoch_.word());
  }

  const sync::AsymmetricFence fence_;
  alignas(sync::kCacheLine) sync::Atomic<std::uint32_t> epoch_{0};
  sync::Atomic<std::uint32_t> waiting_{0};
};

}  // namespace ron::flavor
