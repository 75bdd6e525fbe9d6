// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The word that makes a message visible in a pooled ring. It names the node that holds the latest
// message of its slot and the lap that message belongs to.
//
//      63                         25     24     23                        0
//      +---------------------------+------+--------------------------------+
//      |  lap, 39 bits             | seal |  node index, 24 bits           |
//      +---------------------------+------+--------------------------------+
//
// Lap of sequence s in a ring of 2^c slots: s >> c. Its tag is the lap in the place it has in the
// word. A slot that was never published to carries lap -1. The seal on a word of lap L - 1 says
// that lap L will never be published here: the order ended at this position. The message of lap L -
// 1 stays readable.
//
// Wrap. The 39 bits repeat after 2^(39+c) publishes, 2^40 at least: three hours at 100 million a
// second. Readers are safe beyond that: the node carries the whole 64-bit sequence, which they
// compare, and a slot that seems to be behind is checked against the 64-bit tail hint. A publisher
// could only be confused if others published an exact multiple of 2^39 laps between two of its own
// publishes and its next slot then named the same node again.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "ronbus/kernel/node_pool.hpp"
#include "ronbus/kernel/sequence.hpp"

namespace ron::kernel {

class SlotWord {
 public:
  static constexpr unsigned kNodeBits = 24;
  static constexpr unsigned kTagShift = kNodeBits + 1;
  static constexpr std::size_t kMaxNodes = std::size_t{1} << kNodeBits;

  SlotWord() = default;
  constexpr explicit SlotWord(std::uint64_t bits) noexcept : bits_{bits} {}

  /// The word of a message in `node`, of the lap with this tag.
  static constexpr SlotWord published(std::uint64_t tag, NodeIndex node) noexcept {
    return SlotWord{tag | node};
  }
  /// The word of a slot in which nothing was published yet.
  static constexpr SlotWord initial(NodeIndex node) noexcept {
    return published(~std::uint64_t{0} << kTagShift, node);
  }

  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr NodeIndex node() const noexcept {
    return static_cast<NodeIndex>(bits_ & (kMaxNodes - 1));
  }
  [[nodiscard]] constexpr bool is_sealed() const noexcept { return (bits_ & kSeal) != 0; }
  /// Holds the message of the lap with this tag.
  [[nodiscard]] constexpr bool is_of(std::uint64_t tag) const noexcept {
    return bits_ - tag < kLapUnit;
  }
  /// The laps from that of `tag` to this word's, negative if this one is earlier; exact within
  /// 2^38.
  [[nodiscard]] constexpr std::int64_t laps_ahead_of(std::uint64_t tag) const noexcept {
    return static_cast<std::int64_t>(bits_ - tag) >> kTagShift;
  }
  [[nodiscard]] constexpr SlotWord sealed() const noexcept { return SlotWord{bits_ | kSeal}; }

  /// Carries the same message as `other`, sealed or not.
  [[nodiscard]] constexpr bool is_same_message(SlotWord other) const noexcept {
    return ((bits_ ^ other.bits_) & ~kSeal) == 0;
  }

  /// The word that publishes `node` in place of this one, a lap later.
  [[nodiscard]] constexpr SlotWord replaced_by(NodeIndex node) const noexcept {
    return SlotWord{(bits_ & ~std::uint64_t{kMaxNodes - 1}) + kLapUnit + node};
  }

  friend constexpr bool operator==(SlotWord, SlotWord) = default;

 private:
  static constexpr std::uint64_t kSeal = std::uint64_t{1} << kNodeBits;
  static constexpr std::uint64_t kLapUnit = std::uint64_t{1} << kTagShift;

  std::uint64_t bits_ = 0;
};

/// How sequences map to slots and lap tags in a ring of a power of two of slots.
class Laps {
 public:
  constexpr Laps() noexcept = default;
  explicit constexpr Laps(std::size_t capacity) noexcept
      : mask_{capacity - 1},
        up_{SlotWord::kTagShift - static_cast<unsigned>(std::countr_zero(capacity))} {}

  [[nodiscard]] constexpr std::size_t capacity() const noexcept { return mask_ + 1; }
  [[nodiscard]] constexpr std::size_t slot(Sequence sequence) const noexcept {
    return static_cast<std::size_t>(sequence) & mask_;
  }
  [[nodiscard]] constexpr std::uint64_t tag(Sequence sequence) const noexcept {
    return (sequence & ~static_cast<Sequence>(mask_)) << up_;
  }

 private:
  std::size_t mask_ = 0;
  unsigned up_ = 0;  ///< from the place of the lap in a sequence to that in a word
};

static_assert(kMaxCapacity <= std::size_t{1} << SlotWord::kTagShift);

}  // namespace ron::kernel
