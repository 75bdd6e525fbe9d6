// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a message tells what it is about, so that subscribers which want something else sleep on.
#pragma once

#include <concepts>
#include <cstdint>

namespace ron {

/// A set of up to 64 topics; what each bit stands for is the program's own affair.
using Interest = std::uint64_t;

/// What a subscriber wants unless told otherwise.
inline constexpr Interest kEveryInterest = ~Interest{0};

/// A message type tells its topics by a free function in its own namespace,
///
///     std::uint64_t ron_interest(const T& message) noexcept;
///
/// which publishers call while somebody sleeps, and subscribers with an interest of their own for
/// each message. For the subscribers of a bus its answer must not change once the message is
/// published. Types without it meet every interest and pay nothing.
template <class T>
concept HasInterest = requires(const T& message) {
  { ron_interest(message) } noexcept -> std::same_as<Interest>;
};

/// The topics of a message; all for a type that tells none.
template <class T>
[[nodiscard]] constexpr Interest interest_of([[maybe_unused]] const T& message) noexcept {
  if constexpr (HasInterest<T>) {
    return ron_interest(message);
  } else {
    return kEveryInterest;
  }
}

/// Whether who wants `wanted` is to see a message about `topics`. Who wants everything sees a
/// message about nothing, too.
[[nodiscard]] constexpr bool meets(Interest wanted, Interest topics) noexcept {
  return wanted == kEveryInterest || (wanted & topics) != 0;
}

}  // namespace ron
