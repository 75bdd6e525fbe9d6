// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Exceptions, for programs that are built with them and for those that are not (-fno-exceptions):
// the only place of the core that throws or catches.
#pragma once

#if defined(__cpp_exceptions)
#include <new>
#else
#include <exception>
#endif

namespace ron::base {

#if defined(__cpp_exceptions)

/// Where memory is short and no error value can say so.
[[noreturn]] inline void out_of_memory() { throw std::bad_alloc{}; }

/// `attempt()`. If it throws, `undo()` is called before the exception goes on to the caller.
template <class Attempt, class Undo>
[[gnu::always_inline]] inline decltype(auto) or_undo(Attempt&& attempt, Undo&& undo) {
  try {
    return attempt();
  } catch (...) {
    undo();
    throw;
  }
}

/// `attempt()`, or `instead()` if it throws.
template <class Attempt, class Instead>
inline decltype(auto) or_instead(Attempt&& attempt, Instead&& instead) {
  try {
    return attempt();
  } catch (...) {
    return instead();
  }
}

#else

/// As if nobody had caught the std::bad_alloc.
[[noreturn]] inline void out_of_memory() noexcept { std::terminate(); }

template <class Attempt, class Undo>
[[gnu::always_inline]] inline decltype(auto) or_undo(Attempt&& attempt, Undo&& /*undo*/) {
  return attempt();
}

template <class Attempt, class Instead>
inline decltype(auto) or_instead(Attempt&& attempt, Instead&& /*instead*/) {
  return attempt();
}

#endif

}  // namespace ron::base
