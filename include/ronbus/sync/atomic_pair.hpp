// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Two words that change together by one compare-and-swap and are read one at a time: the façade's
// operation of twice the word size. C++ has no portable name for it (std::atomic of 16 bytes calls
// a library that may lock), so each architecture states its instruction here. Where there is none,
// kAtomicPairs is false and the storage that needs it is not used.
//
// x86-64: `lock cmpxchg16b`, in every such processor since 2006.
// aarch64: `caspal` if the compiler may use ARMv8.1, else a pair of exclusive accesses, `ldaxp` and
// `stlxp`, which is repeated only when another thread has changed the words or the processor has
// lost its reservation. Both take acquire and release, as the compilers' own seq_cst swaps do.
#pragma once

#include <atomic>
#include <cstdint>

#include "ronbus/sync/atomic.hpp"

#if defined(__SANITIZE_THREAD__)
#define RONBUS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RONBUS_TSAN 1
#endif
#endif
#if defined(RONBUS_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace ron::sync {

#if defined(__x86_64__) || defined(__aarch64__)
inline constexpr bool kAtomicPairs = true;
#else
inline constexpr bool kAtomicPairs = false;
#endif

class AtomicPair {
 public:
  struct Value {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
  };

  AtomicPair() noexcept = default;
  AtomicPair(const AtomicPair&) = delete;
  AtomicPair& operator=(const AtomicPair&) = delete;
  ~AtomicPair() = default;

  [[nodiscard]] std::uint64_t first(std::memory_order order) const noexcept {
    return value_.first.load(order);
  }
  [[nodiscard]] std::uint64_t second(std::memory_order order) const noexcept {
    return value_.second.load(order);
  }

  /// Before anybody else knows of the pair.
  void initialize(const Value& value) noexcept {
    value_.first.store(value.first, std::memory_order_relaxed);
    value_.second.store(value.second, std::memory_order_relaxed);
  }

  /// If both words are as expected, replaces both. Sequentially consistent, also when it fails.
  [[nodiscard]] bool compare_exchange(Value expected, const Value& desired) noexcept {
    step();
#if defined(RONBUS_MODEL_CHECK)
    return model::compare_exchange(value_.first.value_, value_.second.value_, expected, desired);
#else
    bool exchanged = false;
#if defined(RONBUS_TSAN)
    __tsan_release(&value_);  // the sanitizer does not look into assembly
#endif
#if defined(__x86_64__)
    asm volatile("lock cmpxchg16b %1"
                 : "=@ccz"(exchanged), "+m"(value_), "+a"(expected.first), "+d"(expected.second)
                 : "b"(desired.first), "c"(desired.second)
                 : "memory");
#elif defined(__aarch64__) && defined(__ARM_FEATURE_ATOMICS)
    // Of neighbouring registers, the first one even.
    register std::uint64_t first asm("x0") = expected.first;
    register std::uint64_t second asm("x1") = expected.second;
    register const std::uint64_t new_first asm("x2") = desired.first;
    register const std::uint64_t new_second asm("x3") = desired.second;
    asm volatile("caspal %[first], %[second], %[new_first], %[new_second], %[pair]"
                 : [first] "+r"(first), [second] "+r"(second), [pair] "+Q"(value_)
                 : [new_first] "r"(new_first), [new_second] "r"(new_second)
                 : "memory");
    exchanged = first == expected.first && second == expected.second;
#elif defined(__aarch64__)
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::uint32_t lost = 0;
    asm volatile(
        "1: ldaxp %[first], %[second], %[pair]\n"
        "   cmp   %[first], %[old_first]\n"
        "   ccmp  %[second], %[old_second], #0, eq\n"
        "   b.ne  2f\n"
        "   stlxp %w[lost], %[new_first], %[new_second], %[pair]\n"
        "   cbnz  %w[lost], 1b\n"
        "2:"
        : [first] "=&r"(first), [second] "=&r"(second), [lost] "=&r"(lost), [pair] "+Q"(value_)
        : [old_first] "r"(expected.first), [old_second] "r"(expected.second),
          [new_first] "r"(desired.first), [new_second] "r"(desired.second)
        : "cc", "memory");
    exchanged = first == expected.first && second == expected.second;
#else
    static_cast<void>(expected), static_cast<void>(desired);  // not to be called
#endif
#if defined(RONBUS_TSAN)
    __tsan_acquire(&value_);
#endif
    return exchanged;
#endif
  }

 private:
  struct alignas(16) Words {
    Atomic<std::uint64_t> first;
    Atomic<std::uint64_t> second;
  };
  static_assert(kModelCheck || sizeof(Words) == 16);

  Words value_;
};

}  // namespace ron::sync
