// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where one thread sleeps that has armed several waiters, perhaps of several sets: each of them
// rings when it is fired. A ring counts up before it wakes, so that a thread which noted the count
// before it armed does not fall asleep after a ring. Whoever fires may be late: the bell lives
// until the last waiter is dropped.
#pragma once

#include <atomic>
#include <cstdint>

#include "ronbus/sync/atomic.hpp"
#include "ronbus/wait/futex.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron::wait {

class Bell {
 public:
  /// One share, to be given back by `release`. Allocates; throws std::bad_alloc.
  [[nodiscard]] static Bell& make() { return *new Bell; }
  void release() noexcept {
    // acq_rel: the last one destroys it after all others are done with it.
    if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  /// A waiter of the set that rings when it is fired, for messages about `interest`. Throws
  /// std::bad_alloc.
  [[nodiscard]] Waiter& claim(WaiterSet& set, Owner& owner, Interest interest);

  void ring() noexcept {
    // seq_cst: pairs with count(); what the caller saw before is seen by who counts after.
    count_.fetch_add(1, std::memory_order_seq_cst);
    futex_wake_one(count_.word());
  }
  [[nodiscard]] std::uint32_t count() const noexcept {
    return count_.load(std::memory_order_seq_cst);
  }
  /// Sleeps until it rings, if it has not since `counted`, or the deadline. May return without
  /// cause.
  void sleep(std::uint32_t counted, const Deadline& deadline) const noexcept {
    sync::step();
    futex_wait(count_.word(), counted, deadline);
  }

 private:
  Bell() noexcept = default;
  ~Bell() = default;

  sync::Atomic<std::uint32_t> count_{0};
  sync::Atomic<std::uint32_t> shares_{1};
};

}  // namespace ron::wait
