// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/kernel/paired_ring.hpp"

#include <array>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

#include <ronbus/sync/attention.hpp>

namespace ron::kernel {
namespace {

using Ring = PairedRing<std::uint64_t>;
constexpr std::size_t kCapacity = 64;

struct Bench {
  sync::Attention attention{sync::FenceKind::SeqCst};
  Ring ring{kCapacity, 16, attention};
  Ring::Writer writer{ring};
  std::uint64_t next = 0;

  void publish(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(writer.commit(writer.prepare(next++)), CommitStatus::Done);
    }
  }
};

std::optional<std::uint64_t> read(Ring::Reader& reader, ReadStatus expected) {
  std::optional<std::uint64_t> value;
  EXPECT_EQ(reader.read([&](const std::uint64_t& message) { value = message; }), expected);
  return value;
}

TEST(PairedRing, a_batch_longer_than_what_is_validated_at_once_arrives_whole) {
  Bench bench;
  Ring::Reader reader{bench.ring, 0};
  bench.publish(kCapacity - 3);
  std::array<std::uint64_t, kCapacity> out{};
  ReadStatus status{};
  ASSERT_EQ(reader.read_many(out.data(), out.size(), status), kCapacity - 3);
  EXPECT_EQ(status, ReadStatus::Empty);
  for (std::size_t i = 0; i < kCapacity - 3; ++i) EXPECT_EQ(out[i], i);
}

TEST(PairedRing, an_overrun_batch_reads_nothing_and_skips_to_the_oldest) {
  Bench bench;
  Ring::Reader reader{bench.ring, 0};
  bench.publish(kCapacity + 1);
  std::array<std::uint64_t, kCapacity> out{};
  ReadStatus status{};
  EXPECT_EQ(reader.read_many(out.data(), out.size(), status), 0U);
  EXPECT_EQ(status, ReadStatus::Lagged);
  EXPECT_EQ(reader.skip_to_oldest(), 1U);
  EXPECT_EQ(reader.read_many(out.data(), out.size(), status), kCapacity);
  EXPECT_EQ(out.front(), 1U);
  EXPECT_EQ(out.back(), kCapacity);
}

TEST(PairedRing, the_seal_leaves_the_message_beneath_it_readable) {
  Bench bench;
  Ring::Reader reader{bench.ring, 0};
  bench.publish(kCapacity);
  bench.ring.close();
  EXPECT_EQ(bench.writer.commit(bench.writer.prepare(std::uint64_t{7})), CommitStatus::Refused);
  EXPECT_EQ(bench.ring.tail(), kCapacity);
  for (std::size_t i = 0; i < kCapacity; ++i) EXPECT_EQ(read(reader, ReadStatus::Ready), i);
  EXPECT_EQ(read(reader, ReadStatus::Closed), std::nullopt);
}

TEST(PairedRing, a_new_writer_goes_on_at_the_tail) {
  Bench bench;
  bench.publish(21);
  Ring::Writer other{bench.ring};
  ASSERT_EQ(other.commit(other.prepare(std::uint64_t{21})), CommitStatus::Done);
  EXPECT_EQ(bench.ring.tail(), 22U);
  bench.next = 22;
  bench.publish(1);
  EXPECT_EQ(bench.ring.tail(), 23U);
}

TEST(PairedRing, a_message_smaller_than_a_word_is_given_back_whole) {
  sync::Attention attention{sync::FenceKind::SeqCst};
  PairedRing<std::array<char, 3>> ring{2, 1, attention};
  PairedRing<std::array<char, 3>>::Writer writer{ring};
  const auto prepared = writer.prepare(std::array{'a', 'b', 'c'});
  EXPECT_EQ(writer.commit_within(prepared, 0), CommitStatus::Full);
  EXPECT_EQ(writer.take_back(prepared), (std::array{'a', 'b', 'c'}));
}

}  // namespace
}  // namespace ron::kernel
