// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One word through which rare events (somebody sleeps, the bus is closing) reach the hot paths of
// publishers and readers at the price of one relaxed load that is nearly always zero.
//
//   hot side:   access the ring;  flags = after_access();   if (flags != 0) slow path
//   rare side:  raise(flag);  [barrier()];                  access the ring
//
// Both sides first write (or read) the ring or the word and then look at the other; at least one
// must see the other's step. `raise` and `barrier` include the heavy half of the asymmetric fence,
// `after_access` the light half: what the hot side did before its check is seen by the rare side
// after `raise`, or else the check sees the flag.
//
// With FenceKind::SeqCst the light half has to be a real fence. The word then carries kFenced for
// ever, which sends every check to the slow path where the fence is: the fast path is the same code
// for both kinds.
//
//      31            3        2          1         0
//      +-- unused ---+--------+----------+---------+
//      |             | fenced | sleepers | closing |
//      +-------------+--------+----------+---------+
#pragma once

#include <cstdint>

#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/fence.hpp"

namespace ron::sync {

class Attention {
 public:
  using Flags = std::uint32_t;
  static constexpr Flags kClosing = 1;   ///< never lowered
  static constexpr Flags kSleepers = 2;  ///< lowered by whoever wakes them

  explicit Attention(FenceKind kind) noexcept
      : word_{kind == FenceKind::SeqCst ? kFenced : 0}, fence_{kind} {}

  /// Hot side: the raised flags, after a light fence.
  [[nodiscard]] Flags after_access() noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // relaxed: ordered against raise() by the asymmetric fence.
    const Flags flags = word_.load(std::memory_order_relaxed);
    if (flags == 0) [[likely]]
      return 0;
    return with_fence(flags);
  }

  /// The raised flags without any ordering, for a first look.
  [[nodiscard]] Flags peek() const noexcept {
    return word_.load(std::memory_order_relaxed) & ~kFenced;
  }

  /// Rare side: raises the flag, then makes sure that every hot access that did not see it is
  /// visible to the caller.
  void raise(Flags flag) noexcept {
    word_.fetch_or(flag, std::memory_order_seq_cst);
    barrier();
  }

  /// The same for a flag that somebody else has raised.
  void barrier() const noexcept { fence_.heavy(); }

  /// True for exactly one of the callers that find the flag raised.
  [[nodiscard]] bool lower(Flags flag) noexcept {
    // acq_rel: the caller sees what those who raised it did before.
    return (word_.fetch_and(~flag, std::memory_order_acq_rel) & flag) != 0;
  }

  [[nodiscard]] FenceKind fence_kind() const noexcept { return fence_.kind(); }

 private:
  static constexpr Flags kFenced = 4;

  [[gnu::noinline]] Flags with_fence(Flags flags) const noexcept {
    fence_.light();
    if ((flags & kFenced) != 0) flags = word_.load(std::memory_order_relaxed);
    return flags & ~kFenced;
  }

  Atomic<Flags> word_;
  AsymmetricFence fence_;
};

}  // namespace ron::sync
