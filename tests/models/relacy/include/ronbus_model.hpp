// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the atomic façade is made of in a model: words and fences of Relacy, which runs the threads
// of a model as fibers, decides at each operation who goes on, and lets loads return every value
// that C++ allows them to (of the last two, or three in a random search).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <mutants.hpp>

// Collects garbage by itself: otherwise each deallocation is a step with two outcomes.
#define RL_GC
#include <relacy/atomic.hpp>
#include <relacy/atomic_fence.hpp>
#include <relacy/backoff.hpp>
#include <relacy/base.hpp>
#include <relacy/context.hpp>
#include <relacy/context_base_impl.hpp>
#include <relacy/stdlib/condition_variable.hpp>
#include <relacy/stdlib/event.hpp>
#include <relacy/stdlib/mutex.hpp>
#include <relacy/stdlib/semaphore.hpp>
#include <relacy/test_suite.hpp>
#include <relacy/var.hpp>
#undef $

namespace ron::model {

[[nodiscard]] constexpr rl::memory_order order_of(std::memory_order order) noexcept {
  switch (order) {
    case std::memory_order_relaxed:
      return rl::mo_relaxed;
    case std::memory_order_consume:
      return rl::mo_consume;
    case std::memory_order_acquire:
      return rl::mo_acquire;
    case std::memory_order_release:
      return rl::mo_release;
    case std::memory_order_acq_rel:
      return rl::mo_acq_rel;
    case std::memory_order_seq_cst:
      break;
  }
  return rl::mo_seq_cst;
}

/// Relacy knows no failure of a swap that is ordered more strictly than its success; C++ does, and
/// a mutant may be one.
[[nodiscard]] constexpr std::memory_order failure_beside(std::memory_order success,
                                                         std::memory_order failure) noexcept {
  if (success == std::memory_order_seq_cst || failure == std::memory_order_relaxed) return failure;
  return success == std::memory_order_acquire || success == std::memory_order_acq_rel
             ? std::memory_order_acquire
             : std::memory_order_relaxed;
}

/// Set for each search, for its number of threads: a sequentially consistent fence in the midst of
/// any thread.
inline void (*fence_of_thread)(rl::thread_id_t index) = nullptr;
/// Set likewise: the newest store of a word, which is the calling thread's, begins a new release
/// sequence, as it does since C++20. In Relacy, as in C++11, it goes on with that of the stores of
/// the same thread before it.
inline void (*begin_release_sequence)(rl::atomic_data* word, bool releases) = nullptr;

/// Stands in for std::atomic<T>.
template <class T>
class Word {
 public:
  explicit Word(T initial = T{}) : word_{initial} {}

  [[nodiscard]] T load(std::memory_order order) const {
    return word_.load(order_of(order), RL_INFO);
  }
  void store(T desired, std::memory_order order) {
    rl::context& context = rl::ctx();
    context.sched();
    const rl::preemption_disabler together{context};
    word_.store(desired, order_of(order), RL_INFO);
    begin_release_sequence(data(), order != std::memory_order_relaxed);
  }
  T exchange(T desired, std::memory_order order) {
    return word_.exchange(desired, order_of(order), RL_INFO);
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                               std::memory_order failure) {
    return word_.compare_exchange_strong(expected, desired, order_of(success), RL_INFO,
                                         order_of(failure_beside(success, failure)), RL_INFO);
  }
  T fetch_add(T operand, std::memory_order order) {
    return word_.fetch_add(operand, order_of(order), RL_INFO);
  }
  T fetch_sub(T operand, std::memory_order order) {
    return word_.fetch_sub(operand, order_of(order), RL_INFO);
  }
  T fetch_or(T operand, std::memory_order order) {
    return word_.fetch_or(operand, order_of(order), RL_INFO);
  }
  T fetch_and(T operand, std::memory_order order) {
    return word_.fetch_and(operand, order_of(order), RL_INFO);
  }

  /// The newest value, without taking a step.
  [[nodiscard]] T newest() const { return word_.debug_value(); }

  /// For the model of the futex calls.
  [[nodiscard]] rl::atomic<T>& checked() const { return word_; }

 private:
  /// What Relacy knows of the word, and keeps to itself.
  [[nodiscard]] rl::atomic_data* data() const {
    struct Layout {
      T value;
      T history[rl::atomic_history_size];
      rl::atomic_data* data;
    };
    static_assert(sizeof(rl::atomic<T>) >= sizeof(Layout));
    rl::atomic_data* data = nullptr;
    std::memcpy(&data, reinterpret_cast<const char*>(&word_) + offsetof(Layout, data), sizeof data);
    return data;
  }

  mutable rl::atomic<T> word_;
};

inline void thread_fence(std::memory_order order) {
  rl::atomic_thread_fence(order_of(order), RL_INFO);
}

/// In a loop that waits for others.
inline void yield() { rl::yield(1, RL_INFO); }

/// Two words that change in one step.
template <class Pair>
[[nodiscard]] bool compare_exchange(Word<std::uint64_t>& first, Word<std::uint64_t>& second,
                                    const Pair& expected, const Pair& desired) {
  rl::context& context = rl::ctx();
  context.sched();
  const rl::preemption_disabler together{context};
  if (first.newest() != expected.first || second.newest() != expected.second) {
    // These fail, too, and read.
    for (Word<std::uint64_t>* word : {&first, &second}) {
      std::uint64_t other = ~word->newest();
      static_cast<void>(word->compare_exchange_strong(other, 0, std::memory_order_seq_cst,
                                                      std::memory_order_seq_cst));
    }
    return false;
  }
  // Both at the same time by the thread's own clock: who sees one sees the other.
  rl::timestamp_t& clock = context.threadx_->own_acq_rel_order_;
  const rl::timestamp_t now = clock;
  second.exchange(desired.second, std::memory_order_seq_cst);
  clock = now;
  first.exchange(desired.first, std::memory_order_seq_cst);
  return true;
}

}  // namespace ron::model
