// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How far publishers may go without overrunning a gating subscriber.
//
// Every gating subscriber stores its cursor in a cell of its own after each receive. A publisher
// that must not overrun keeps a limit: the smallest cursor it saw, or the tail it knew if that is
// smaller, plus the capacity. Only when it reaches the limit does it look at the cells again.
//
// A new gating subscriber needs no notice to publishers. It first makes its cell visible, then
// (after a fence) reads the tail and starts there. A publisher that looked at the cells too early
// to see it did so (after a fence) at a tail not beyond that start, so its limit does not reach
// further than the start plus the capacity, and at the limit it looks again.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <limits>

#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/cache_line.hpp"
#include "ronbus/wait/event_count.hpp"

namespace ron::flavor {

struct alignas(sync::kCacheLine) Gate : kernel::RegistryEntry<Gate> {
  static constexpr kernel::Sequence kOpen = std::numeric_limits<kernel::Sequence>::max();

  /// Next sequence that the subscriber reads; kOpen while nobody uses the gate.
  sync::Atomic<kernel::Sequence> cursor{kOpen};
};

class Gates {
 public:
  explicit Gates(sync::FenceKind kind) noexcept : attention_{kind}, space_{attention_} {}

  /// A gate of one's own, still open. nullptr if there is no memory.
  [[nodiscard]] Gate* claim() noexcept { return gates_.claim(); }

  /// Closes the gate at the tail, which `tail` tells at the time of its call. Returns where the
  /// subscriber starts.
  template <class TailFn>
  kernel::Sequence join(Gate& gate, const TailFn& tail) noexcept {
    // relaxed: ordered by the fence.
    gate.cursor.store(tail(), std::memory_order_relaxed);
    sync::fence(std::memory_order_seq_cst);  // pairs with the one in limit()
    const kernel::Sequence start = tail();
    gate.cursor.store(start, std::memory_order_release);
    return start;
  }

  void leave(Gate& gate) noexcept {
    gate.cursor.store(Gate::kOpen, std::memory_order_release);
    gates_.release(gate);
    notify();
  }

  /// Lets publishers that wait for room look again.
  void notify() noexcept {
    if ((attention_.after_access() & sync::Attention::kSleepers) != 0) [[unlikely]]
      space_.notify();
  }

  /// After the subscriber of `gate` has read everything before `cursor`.
  void moved(Gate& gate, kernel::Sequence cursor) noexcept {
    // release: what was read is read before a publisher overwrites it.
    gate.cursor.store(cursor, std::memory_order_release);
    notify();
  }

  /// The first sequence that a publisher at `tail` must not publish yet.
  [[nodiscard]] kernel::Sequence limit(kernel::Sequence tail, std::size_t capacity) const noexcept {
    sync::fence(std::memory_order_seq_cst);  // pairs with the one in join()
    kernel::Sequence slowest = tail;
    for (const Gate* gate = gates_.first(); gate != nullptr; gate = gate->next_entry()) {
      // acquire: pairs with the release in moved().
      slowest = std::min(slowest, gate->cursor.load(std::memory_order_acquire));
    }
    return slowest + capacity;
  }

  /// Where publishers wait for room.
  [[nodiscard]] wait::EventCount& space() noexcept { return space_; }

 private:
  kernel::Registry<Gate> gates_;
  sync::Attention attention_;
  wait::EventCount space_;
};

}  // namespace ron::flavor
