// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ron::kernel {

/// Position of a message in the total order of its bus; the first message is 0. It counts every
/// message ever published and does not wrap: 2^64 publishes at 1 ns each take 584 years.
using Sequence = std::uint64_t;

/// Beyond every message.
inline constexpr Sequence kNoLimit = std::numeric_limits<Sequence>::max();

inline constexpr std::size_t kMinCapacity = 2;
inline constexpr std::size_t kMaxCapacity = 65536;

/// The effective capacity for a requested one: next power of two, within [2, 65536].
[[nodiscard]] constexpr std::size_t effective_capacity(std::size_t requested) noexcept {
  if (requested <= kMinCapacity) return kMinCapacity;
  if (requested >= kMaxCapacity) return kMaxCapacity;
  return std::bit_ceil(requested);
}

/// What a look at one position of the ring found.
enum class ReadStatus : std::uint8_t {
  Ready,   ///< the message was there and has been read
  Empty,   ///< not published yet
  Lagged,  ///< overwritten: the cursor must move to the oldest retained message
  Closed,  ///< nothing was or will be published at this position
};

/// What became of an attempt to publish.
enum class CommitStatus : std::uint8_t {
  Done,
  Refused,  ///< the order has ended
  Full,     ///< the position reached the limit given
};

}  // namespace ron::kernel
