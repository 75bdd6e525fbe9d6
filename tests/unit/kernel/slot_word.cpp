// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/kernel/slot_word.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include <ronbus/kernel/sequence.hpp>

namespace ron::kernel {
namespace {

constexpr std::size_t kCapacities[] = {2, 4, 64, 65536};

TEST(SlotWord, gives_back_node_and_lap) {
  for (const std::size_t capacity : kCapacities) {
    const Laps laps{capacity};
    for (const Sequence sequence :
         {Sequence{0}, Sequence{1}, Sequence{capacity - 1}, Sequence{capacity},
          Sequence{7 * capacity + 1}, Sequence{1} << 36U, (Sequence{1} << 36U) + capacity}) {
      for (const NodeIndex node : {0U, 1U, 12345U, (1U << SlotWord::kNodeBits) - 1U}) {
        const SlotWord word = SlotWord::published(laps.tag(sequence), node);
        EXPECT_EQ(word.node(), node);
        EXPECT_FALSE(word.is_sealed());
        EXPECT_TRUE(word.is_of(laps.tag(sequence)));
        EXPECT_FALSE(word.is_of(laps.tag(sequence + capacity)));
        EXPECT_EQ(word.laps_ahead_of(laps.tag(sequence)), 0);
        EXPECT_EQ(word.laps_ahead_of(laps.tag(sequence + capacity)), -1);
        EXPECT_EQ(word.laps_ahead_of(laps.tag(sequence + 5 * capacity)), -5);
      }
    }
  }
}

TEST(SlotWord, seal_changes_neither_node_nor_lap) {
  const Laps laps{64};
  const SlotWord word = SlotWord::published(laps.tag(640), 77);
  const SlotWord sealed = word.sealed();
  EXPECT_NE(sealed, word);
  EXPECT_TRUE(sealed.is_sealed());
  EXPECT_EQ(sealed.sealed(), sealed);
  EXPECT_EQ(sealed.node(), 77U);
  EXPECT_TRUE(sealed.is_of(laps.tag(640)));
  EXPECT_FALSE(sealed.is_of(laps.tag(704)));
  EXPECT_EQ(sealed.laps_ahead_of(laps.tag(640)), 0);
  EXPECT_EQ(sealed.laps_ahead_of(laps.tag(704)), -1);
}

TEST(SlotWord, that_was_never_published_to_is_a_lap_behind_the_first) {
  const Laps laps{4};
  const SlotWord word = SlotWord::initial(9);
  EXPECT_EQ(word.node(), 9U);
  EXPECT_FALSE(word.is_sealed());
  EXPECT_EQ(word.laps_ahead_of(laps.tag(0)), -1);
  EXPECT_FALSE(word.is_of(laps.tag(0)));
}

TEST(SlotWord, replaced_by_is_a_lap_later) {
  const Laps laps{4};
  EXPECT_EQ(SlotWord::initial(3).replaced_by(8), SlotWord::published(laps.tag(0), 8));
  EXPECT_EQ(SlotWord::published(laps.tag(40), 3).replaced_by(8),
            SlotWord::published(laps.tag(44), 8));
}

TEST(SlotWord, tells_laps_apart_up_to_the_wrap_of_its_bits) {
  const Laps laps{2};
  const SlotWord word = SlotWord::published(laps.tag(0), 1);
  constexpr Sequence kLapsUntilWrap = Sequence{1} << (64U - SlotWord::kTagShift);
  EXPECT_FALSE(word.is_of(laps.tag(2 * (kLapsUntilWrap - 1))));
  EXPECT_FALSE(word.is_of(laps.tag(2 * (kLapsUntilWrap / 2))));
  EXPECT_TRUE(word.is_of(laps.tag(2 * kLapsUntilWrap))) << "the documented wrap";
  EXPECT_LT(word.laps_ahead_of(laps.tag(2 * (kLapsUntilWrap / 2 - 1))), 0);
}

TEST(Laps, map_sequences_to_slots) {
  const Laps laps{8};
  EXPECT_EQ(laps.capacity(), 8U);
  for (Sequence sequence = 0; sequence < 40; ++sequence) {
    EXPECT_EQ(laps.slot(sequence), sequence % 8);
    EXPECT_EQ(laps.tag(sequence) == laps.tag(sequence + 1), sequence % 8 != 7);
  }
}

TEST(EffectiveCapacity, is_the_next_power_of_two_within_bounds) {
  EXPECT_EQ(effective_capacity(0), 2U);
  EXPECT_EQ(effective_capacity(1), 2U);
  EXPECT_EQ(effective_capacity(3), 4U);
  EXPECT_EQ(effective_capacity(32768), 32768U);
  EXPECT_EQ(effective_capacity(32769), 65536U);
  EXPECT_EQ(effective_capacity(65536), 65536U);
  EXPECT_EQ(effective_capacity(~std::size_t{0}), 65536U);
}

}  // namespace
}  // namespace ron::kernel
