// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Asymmetric fences: a store-load barrier that costs its frequent side nothing.
//
// Several protocols of the bus are of the form "I write X then read Y, you write Y then read X,
// and at least one of us must see the other". With ordinary fences both sides pay a full barrier
// (about 15 ns on the hot side). Here the hot side calls light() and the rare side heavy():
//
//   Membarrier  light() only stops the compiler from reordering; heavy() asks the kernel
//               (membarrier, PRIVATE_EXPEDITED) to run a full barrier on every core that executes
//               a thread of this process. Each hot thread thus passes a full barrier at some point
//               between the begin and the end of heavy(): what it wrote before that point is seen
//               by the reads after heavy(), and what it reads after that point sees the writes
//               before heavy().
//   SeqCst      both are a sequentially consistent fence: the portable form, used where the kernel
//               refuses membarrier or the builder asks for it.
#pragma once

#include <cstdint>

#include "ronbus/sync/atomic.hpp"

namespace ron::sync {

enum class FenceKind : std::uint8_t { Membarrier, SeqCst };

/// True if this process may use membarrier. Registers the process on the first call; thread-safe.
[[nodiscard]] bool membarrier_available() noexcept;

/// Full barrier on every core running a thread of this process. Only after
/// membarrier_available() returned true. A seccomp filter that forbids the call must be in place
/// before that.
void membarrier_all() noexcept;

class AsymmetricFence {
 public:
  explicit AsymmetricFence(FenceKind kind) noexcept : kind_{kind} {}

  [[nodiscard]] FenceKind kind() const noexcept { return kind_; }

  void light() const noexcept {
    step();
    if (kind_ == FenceKind::SeqCst) [[unlikely]] {
      thread_fence(std::memory_order_seq_cst);
    } else {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
  }

  void heavy() const noexcept {
    step();
    thread_fence(std::memory_order_seq_cst);
    if (kind_ == FenceKind::Membarrier) membarrier_all();
  }

 private:
  FenceKind kind_;
};

}  // namespace ron::sync
