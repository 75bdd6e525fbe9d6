// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The word that makes a message visible in a pooled ring. It names the node that holds the latest
// message of its slot and the lap that message belongs to.
//
//      63                             21     20     19                    0
//      +-------------------------------+------+----------------------------+
//      |  lap, 43 bits                 | seal |  node index, 20 bits       |
//      +-------------------------------+------+----------------------------+
//
// Lap of sequence s in a ring of 2^c slots: s >> c. A slot that was never published to carries lap
// -1. `seal` on a word of lap L - 1 says that lap L will never be published here: the order ended
// at this position. The message of lap L - 1 stays readable.
//
// Wrap. The 43 bits repeat after 2^(43+c) publishes, 2^44 at least: two days at 100 million a
// second. Readers are safe beyond that, because the node carries the whole 64-bit sequence, which
// they compare. A publisher would only be confused if it slept between two adjacent instructions
// for exactly a multiple of 2^43 laps and then found the same node in the slot again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ronbus/kernel/node_pool.hpp"
#include "ronbus/kernel/sequence.hpp"

namespace ron::kernel {

class SlotWord {
 public:
  static constexpr unsigned kNodeBits = 20;
  static constexpr std::size_t kMaxNodes = std::size_t{1} << kNodeBits;

  SlotWord() = default;
  constexpr explicit SlotWord(std::uint64_t bits) noexcept : bits_{bits} {}

  /// The word of a message of `lap` in `node`.
  static constexpr SlotWord published(std::uint64_t lap, NodeIndex node) noexcept {
    return SlotWord{lap << kLapShift | node};
  }
  /// The word of a slot in which nothing was published yet.
  static constexpr SlotWord initial(NodeIndex node) noexcept {
    return published(~std::uint64_t{0}, node);
  }

  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr NodeIndex node() const noexcept {
    return static_cast<NodeIndex>(bits_ & (kMaxNodes - 1));
  }
  [[nodiscard]] constexpr bool is_sealed() const noexcept { return (bits_ & kSeal) != 0; }
  [[nodiscard]] constexpr bool is_of(std::uint64_t lap) const noexcept {
    return (bits_ ^ lap << kLapShift) >> kLapShift == 0;
  }
  /// The laps from `lap` to this word's lap, negative if this one is earlier; exact within 2^42.
  [[nodiscard]] constexpr std::int64_t laps_ahead_of(std::uint64_t lap) const noexcept {
    return static_cast<std::int64_t>(bits_ - (lap << kLapShift)) >> kLapShift;
  }
  [[nodiscard]] constexpr SlotWord sealed() const noexcept { return SlotWord{bits_ | kSeal}; }

  friend constexpr bool operator==(SlotWord, SlotWord) = default;

 private:
  static constexpr unsigned kLapShift = kNodeBits + 1;
  static constexpr std::uint64_t kSeal = std::uint64_t{1} << kNodeBits;

  std::uint64_t bits_ = 0;
};

}  // namespace ron::kernel
