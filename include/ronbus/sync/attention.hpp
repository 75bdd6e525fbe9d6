// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One word through which rare events (somebody sleeps, the bus is closing) reach the hot paths of
// publishers and readers at the price of one load and a test that nearly always says no.
//
//   hot side:   access the ring;      flags = after_access();   if (flags != 0) slow path
//   rare side:  raise(flag);          barrier();                access the ring
//
// Both sides first touch the ring or the word and then look at the other; at least one must see
// the other's step. `barrier` is the heavy half of the asymmetric fence and `after_access` holds
// the light half: what the hot side did before its check is seen by the rare side after its
// barrier, or else the check sees the flag.
//
// A hot side that accesses the ring by sequentially consistent swaps needs no fence: it checks by
// `after_swap`, a load that comes after its swap in the one order of all such operations, and
// `barrier` is a fence of the caller's own. No core is interrupted then when somebody falls asleep.
//
// With FenceKind::SeqCst the light half has to be a real fence. The word then carries the bit
// fenced for ever, which sends every check to the slow path where the fence is: the fast path is
// the same code for both kinds. Where the hot side swaps there is no such bit.
//
//      31               4       3        2          1         0
//      +----------------+--------+--------+----------+---------+
//      |  times raised  | sample | fenced | sleepers | closing |
//      +----------------+--------+--------+----------+---------+
//
// The count of raises lets whoever serves a flag lower it only if nobody raised it since: 2^28
// raises would have to fall between two instructions to confuse it.
#pragma once

#include <cstdint>

#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/fence.hpp"

namespace ron::sync {

class Attention {
 public:
  using Flags = std::uint32_t;
  static constexpr Flags kClosing = 1;   ///< never lowered
  static constexpr Flags kSleepers = 2;  ///< lowered by whoever has woken them
  static constexpr Flags kSample = 8;    ///< lowered by the publisher that is going to measure

  /// By what the hot side accesses the ring.
  enum class HotSide : std::uint8_t { Stores, Swaps };

  explicit Attention(FenceKind kind, HotSide hot_side = HotSide::Stores) noexcept
      : word_{kind == FenceKind::SeqCst && hot_side == HotSide::Stores ? kFenced : 0},
        fence_kind_{kind},
        fence_{hot_side == HotSide::Swaps ? FenceKind::SeqCst : kind} {}

  /// Hot side that stores: the raised flags, after a light fence.
  [[nodiscard]] Flags after_access() noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // relaxed: ordered against raise() by the asymmetric fence.
    const Flags word = word_.load(std::memory_order_relaxed);
    if ((word & (kFenced | kFlags)) == 0) [[likely]]
      return 0;
    return with_fence(word);
  }
  /// The same look, in short: if true, no flag is raised; if false, `after_access` is to be asked.
  [[nodiscard, gnu::always_inline]] bool is_quiet() const noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return (word_.load(std::memory_order_relaxed) & (kFenced | kFlags)) == 0;  // relaxed: as above
  }

  /// Hot side that swaps: the raised flags.
  [[nodiscard]] Flags after_swap() const noexcept {
    // seq_cst: comes after the swap, as the look at the ring comes after raise() and barrier().
    return word_.load(std::memory_order_seq_cst) & kFlags;
  }

  /// The raised flags without any ordering, for a first look.
  [[nodiscard]] Flags peek() const noexcept {
    return word_.load(std::memory_order_relaxed) & kFlags;
  }

  /// Rare side: raises the flag.
  void raise(Flags flag) noexcept {
    Flags word = word_.load(std::memory_order_relaxed);
    // seq_cst: what the caller did before is seen by who serves the flag.
    while (!word_.compare_exchange(word, (word | flag) + kRaise, std::memory_order_seq_cst,
                                   std::memory_order_relaxed)) {
    }
  }

  /// Rare side, after a flag was raised by anybody: every hot access that did not see it is visible
  /// to the caller from here on.
  void barrier() const noexcept { fence_.heavy(); }

  /// If the flag is raised, calls `serve`; if that answers that nobody is left to be served, lowers
  /// the flag, unless it was raised again meanwhile. Lowering comes last: who is halted while
  /// serving leaves the flag to others.
  template <class Serve>
  void serve(Flags flag, const Serve& serve) {
    // acquire: sees what those who raised it did before.
    Flags seen = word_.load(std::memory_order_acquire);
    if ((seen & flag) == 0) return;
    if (!serve()) return;
    word_.compare_exchange(seen, seen & ~flag, std::memory_order_seq_cst,
                           std::memory_order_relaxed);
  }

  /// Lowers the flag, whatever it was raised for. True for one caller each time it was raised.
  bool take(Flags flag) noexcept {
    // relaxed: nobody learns anything from it.
    return (word_.fetch_and(~flag, std::memory_order_relaxed) & flag) != 0;
  }

  [[nodiscard]] FenceKind fence_kind() const noexcept { return fence_kind_; }

 private:
  static constexpr Flags kFlags = kClosing | kSleepers | kSample;
  static constexpr Flags kFenced = 4;
  static constexpr Flags kRaise = 16;

  [[gnu::noinline]] Flags with_fence(Flags word) const noexcept {
    if ((word & kFenced) != 0) {
      fence_.light();
      word = word_.load(std::memory_order_relaxed);
    }
    return word & kFlags;
  }

  Atomic<Flags> word_;
  const FenceKind fence_kind_;
  const AsymmetricFence fence_;
};

}  // namespace ron::sync
