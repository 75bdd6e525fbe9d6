// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How far publishers may go without overrunning a gating subscriber.
//
// Every gating subscriber stores its cursor in its record after each receive. A publisher that must
// not overrun keeps a limit: the smallest cursor it saw, or the tail it knew if that is smaller,
// plus the capacity. Only when it reaches the limit does it look at the records again.
//
// A new gating subscriber needs no notice to publishers. It first makes its record visible, then
// (after a fence) reads the tail. A publisher that looked at the records too early to see it did so
// (after a fence) at a tail not beyond that one, so its limit does not reach further than this tail
// plus the capacity, and at the limit it looks again. From that tail on nothing is lost. If the
// subscriber starts further back, publishers which have not looked yet may still overwrite what is
// older than that tail.
//
// A fork starts where its parent stands, whose record held publishers back so far. A publisher that
// did not see the fork's record must not have seen the parent's go on either: `joins` counts up in
// between, and who finds it changed after a walk walks again.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ronbus/flavor/subscription.hpp"
#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/fence.hpp"

namespace ron::flavor {

class Gates {
 public:
  /// The records of gating subscribers.
  [[nodiscard]] kernel::Registry<Subscription>& records() noexcept { return records_; }

  template <class Function>
  void for_each(const Function& function) const {
    for (Subscription* record = records_.first(); record != nullptr;
         record = record->next_entry()) {
      function(*record);
    }
  }

  /// Makes the record visible. `start_of()` tells, by the tail at the time of its call, where the
  /// subscriber starts; a later answer is not smaller. Returns the last one.
  template <class StartFn>
  kernel::Sequence join(Subscription& record, const StartFn& start_of) noexcept {
    record.start(start_of());
    // release: who sees the count sees the record; pairs with the acquires in limit().
    joins_.fetch_add(1, std::memory_order_release);
    sync::fence(std::memory_order_seq_cst);  // pairs with the one in limit()
    const kernel::Sequence start = start_of();
    record.start(start);
    return start;
  }

  /// The first sequence that a publisher at `tail` must not publish yet.
  [[nodiscard]] kernel::Sequence limit(kernel::Sequence tail, std::size_t capacity) const noexcept {
    sync::fence(std::memory_order_seq_cst);  // pairs with the one in join()
    for (;;) {
      const std::uint64_t joins = joins_.load(std::memory_order_acquire);
      kernel::Sequence slowest = tail;
      for_each([&](const Subscription& record) { slowest = std::min(slowest, record.cursor()); });
      if (joins_.load(std::memory_order_acquire) == joins) [[likely]]
        return slowest + capacity;
    }
  }

 private:
  kernel::Registry<Subscription> records_;
  sync::Atomic<std::uint64_t> joins_{0};
};

}  // namespace ron::flavor
