// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Copies of trivially copyable values that may race with an overwrite, made of relaxed atomic
// words. A torn copy is possible and harmless: it is thrown away when the validation that follows
// it fails. A plain memcpy would be a data race, that is, undefined behaviour.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "ronbus/sync/atomic.hpp"

namespace ron::kernel {

template <class T>
concept WordCopyable = std::is_trivially_copyable_v<T> && std::is_object_v<T>;

/// 64-bit words that a T occupies.
template <class T>
inline constexpr std::size_t kWordsOf =
    (sizeof(T) + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);

using AtomicWord = sync::Atomic<std::uint64_t>;

template <WordCopyable T>
void store_words(AtomicWord* to, const T& value) noexcept {
  std::array<std::uint64_t, kWordsOf<T>> words{};
  std::memcpy(words.data(), &value, sizeof(T));
  // relaxed: made visible by the release of the position that covers these words.
  for (std::size_t i = 0; i < words.size(); ++i) to[i].store(words[i], std::memory_order_relaxed);
}

/// Storage for a T that is filled by word copies. As for any trivially copyable type, copying its
/// bytes there creates it.
template <WordCopyable T>
class WordBuffer {
 public:
  WordBuffer() noexcept {}  // NOLINT(modernize-use-equals-default): leaves the storage empty
  explicit WordBuffer(const T& value) noexcept { set(&value); }

  /// From at least sizeof(T) bytes.
  void set(const void* bytes) noexcept {
    // By way of void*: g++ warns where T has a constructor of its own.
    std::memcpy(static_cast<void*>(&stored), bytes, sizeof(T));
  }

  [[gnu::always_inline]] void load(const AtomicWord* from) noexcept {
    std::array<std::uint64_t, kWordsOf<T>> words;
    // relaxed: ordered before the validation by the acquire fence that precedes it.
    for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = from[i].load(std::memory_order_relaxed);
    }
    set(words.data());
  }

  [[nodiscard]] const T& value() const noexcept { return stored; }
  [[nodiscard]] T& value() noexcept { return stored; }

 private:
  union {
    T stored;
  };
};

}  // namespace ron::kernel
