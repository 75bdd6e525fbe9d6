// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sleeping until a condition about the ring may have become true, without a cost to those who make
// it true while nobody sleeps.
//
//   sleeper    (S1) ticket = epoch   (S2) raise kSleepers, barrier   (S3) condition?   (S4) sleep
//              while epoch == ticket
//   notifier   (N1) make it true     (N2) light fence, look at the flags; if kSleepers is raised:
//              (N3) note the word    (N4) epoch + 1, wake all   (N5) lower it if the word is the
//              same
//
// Either S3 sees what N1 did, or N2 sees the flag raised by S2. If S2 comes before N3, then S1
// comes before N4, so S4 does not sleep or is ended by N4. If it comes after N3, then N5 leaves the
// flag raised. A notifier halted anywhere leaves the flag raised, too, and the next one wakes. The
// epoch has 32 bits: a sleeper would have to be stopped between S1 and S4 for exactly 2^32
// wake-ups to miss one.
#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>

#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/cache_line.hpp"
#include "ronbus/wait/futex.hpp"
#include "ronbus/wait/wait_strategy.hpp"

namespace ron::wait {

class EventCount {
 public:
  /// `attention` is the word that notifiers look at; it must outlive this object.
  explicit EventCount(sync::Attention& attention) noexcept : attention_{attention} {}

  /// For a notifier that found kSleepers raised (N3 to N5).
  void notify() noexcept {
    attention_.serve(sync::Attention::kSleepers, [this] {
      wake_all();
      return true;
    });
  }

  /// Ends every wait in progress: each looks at its condition again.
  void wake_all() noexcept {
    epoch_.fetch_add(1, std::memory_order_seq_cst);
    futex_wake_all(epoch_.word());
  }

  /// Returns once `ready()` is true, the deadline has passed or `stop` is requested; looks in this
  /// order. Spins briefly, then gives up the processor, then sleeps.
  template <class ReadyFn>
  [[nodiscard]] WaitStatus wait(const ReadyFn& ready, const Deadline& deadline,
                                const std::stop_token& stop) {
    if (spin(ready)) return WaitStatus::Ready;
    return sleep(ready, deadline, stop);
  }

 private:
  template <class ReadyFn>
  [[nodiscard]] WaitStatus sleep(const ReadyFn& ready, const Deadline& deadline,
                                 const std::stop_token& stop) {
    const std::stop_callback wake_on_stop{stop, [this] { wake_all(); }};
    for (;;) {
      // seq_cst: S1 comes before S2 and before the look at the stop token.
      const std::uint32_t ticket = epoch_.load(std::memory_order_seq_cst);
      attention_.raise(sync::Attention::kSleepers);
      attention_.barrier();
      if (ready()) return WaitStatus::Ready;
      if (stop.stop_requested()) return WaitStatus::Stopped;
      if (deadline && std::chrono::steady_clock::now() >= *deadline) return WaitStatus::Timeout;
      futex_wait(epoch_.word(), ticket, deadline);
      if (ready()) return WaitStatus::Ready;
    }
  }

  sync::Attention& attention_;
  alignas(sync::kCacheLine) sync::Atomic<std::uint32_t> epoch_{0};
};

}  // namespace ron::wait
