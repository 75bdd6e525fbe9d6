// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a machine takes for the least that a bus could do. Each gets a word of its own, and a number
// that differs from call to call.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/consume.hpp"

namespace ron::bench::instructions {

using Word = std::atomic<std::uint64_t>;

/// Atomic fetch_add, result used.
struct Xadd {
  void operator()(Word& word, std::uint64_t /*number*/) const noexcept {
    consume(word.fetch_add(1, std::memory_order_seq_cst));
  }
};

/// Store of a number, release order.
struct Store {
  void operator()(Word& word, std::uint64_t number) const noexcept {
    word.store(number, std::memory_order_release);
  }
};

/// Store of a number and a full fence.
struct Fence {
  void operator()(Word& word, std::uint64_t number) const noexcept {
    word.store(number, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
};

/// Nothing: what the loop around it takes.
struct Nothing {
  void operator()(Word& /*word*/, std::uint64_t number) const noexcept { consume(number); }
};

}  // namespace ron::bench::instructions
