// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace ron::cli::soak {

/// What every message carries: whose it is (upper 8 bits), and its number among that publisher's,
/// which are 1, 2, ...
using Stamp = std::uint64_t;

inline constexpr unsigned kOwnerShift = 56;

[[nodiscard]] constexpr Stamp stamp_of(std::size_t owner, std::uint64_t number) noexcept {
  return Stamp{owner} << kOwnerShift | number;
}
[[nodiscard]] constexpr std::size_t owner_of(Stamp stamp) noexcept { return stamp >> kOwnerShift; }
[[nodiscard]] constexpr std::uint64_t number_of(Stamp stamp) noexcept {
  return stamp & ((Stamp{1} << kOwnerShift) - 1);
}

/// The last message before everybody rests; nobody's.
inline constexpr Stamp kMarker = ~Stamp{0};
/// Stands for a message whose content is not what was published.
inline constexpr Stamp kGarbled = ~Stamp{0} - 1;

}  // namespace ron::cli::soak
