// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The façade through which every atomic operation of the library goes.
//
// In a normal build `Atomic<T>` is std::atomic<T> with the memory order always spelled out. With
// RONBUS_TEST_HOOKS each operation first passes a step hook, at which a test may stop the calling
// thread: that is how the halt tests park a publisher between any two instructions that others
// can observe. With RONBUS_MODEL_CHECK the words and fences are those of a model checker, which
// tests/models supplies: it runs every order of steps, and every value that the memory orders allow
// a load to return.
#pragma once

#include <atomic>

#if defined(RONBUS_MODEL_CHECK)
#include <ronbus_model.hpp>
#endif

namespace ron::sync {

#if defined(RONBUS_MODEL_CHECK)
/// In a model everything is as small as it can be.
inline constexpr bool kModelCheck = true;
template <class T>
using Word = model::Word<T>;
using model::thread_fence;
#else
inline constexpr bool kModelCheck = false;
template <class T>
using Word = std::atomic<T>;
inline void thread_fence(std::memory_order order) noexcept { std::atomic_thread_fence(order); }
#endif

#if defined(RONBUS_TEST_HOOKS)
/// Called before every atomic operation and fence of the calling thread while it is set.
inline thread_local void (*step_hook)() = nullptr;

inline void step() {
  if (step_hook != nullptr) step_hook();
}
#else
constexpr void step() noexcept {}
#endif

template <class T>
class Atomic {
 public:
  constexpr Atomic() noexcept : value_{} {}
  constexpr explicit Atomic(T initial) noexcept : value_{initial} {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;
  ~Atomic() = default;

  [[nodiscard]] T load(std::memory_order order) const noexcept {
    step();
    return value_.load(order);
  }
  void store(T desired, std::memory_order order) noexcept {
    step();
    value_.store(desired, order);
  }
  T exchange(T desired, std::memory_order order) noexcept {
    step();
    return value_.exchange(desired, order);
  }
  bool compare_exchange(T& expected, T desired, std::memory_order success,
                        std::memory_order failure) noexcept {
    step();
    return value_.compare_exchange_strong(expected, desired, success, failure);
  }
  T fetch_add(T operand, std::memory_order order) noexcept {
    step();
    return value_.fetch_add(operand, order);
  }
  T fetch_sub(T operand, std::memory_order order) noexcept {
    step();
    return value_.fetch_sub(operand, order);
  }
  T fetch_or(T operand, std::memory_order order) noexcept {
    step();
    return value_.fetch_or(operand, order);
  }
  T fetch_and(T operand, std::memory_order order) noexcept {
    step();
    return value_.fetch_and(operand, order);
  }

  /// The word itself, for the kernel's futex calls, which take an address.
  [[nodiscard]] const Word<T>& word() const noexcept { return value_; }

 private:
  static_assert(std::atomic<T>::is_always_lock_free, "the kernel never takes a hidden lock");
  friend class AtomicPair;
  Word<T> value_;
};

inline void fence(std::memory_order order) noexcept {
  step();
  thread_fence(order);
}

}  // namespace ron::sync
