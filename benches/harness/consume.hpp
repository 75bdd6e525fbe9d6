// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <type_traits>

namespace ron::bench {

/// Makes the compiler compute a value that nobody else uses. The value stays in its register.
template <class T>
  requires(std::is_scalar_v<T> && sizeof(T) <= sizeof(void*))
inline void consume(T value) noexcept {
  asm volatile("" : : "r"(value));
}

/// Makes the compiler forget what it knows about the contents of an object: what was stored there
/// must have been stored, and what is read from it afterwards is read from memory.
template <class T>
inline void obscure(T& object) noexcept {
  asm volatile("" : "+m"(object));
}

}  // namespace ron::bench
