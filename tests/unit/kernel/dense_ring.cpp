// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/kernel/dense_ring.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/sync/attention.hpp>

namespace ron::kernel {
namespace {

template <std::size_t Bytes>
struct Sized {
  std::array<std::uint64_t, Bytes / 8> words;

  static Sized of(std::uint64_t value) {
    Sized message;
    for (std::size_t i = 0; i < message.words.size(); ++i) message.words[i] = value * (i + 1);
    return message;
  }
  [[nodiscard]] std::optional<std::uint64_t> value() const {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] != words[0] * (i + 1)) return std::nullopt;
    }
    return words[0];
  }
};

/// Every size gives another number of messages to a block: 7, 3, 2, 1, 1 (full line), 1 (more than
/// a line), 1 (many lines).
template <class T>
class DenseBlocks : public testing::Test {
 protected:
  explicit DenseBlocks() = default;

  struct Bench {
    explicit Bench(std::size_t capacity) : ring{capacity, attention}, writer{ring} {}

    void publish(std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) writer.publish(T::of(next++));
    }
    void publish_many(std::size_t count) {
      writer.publish_many(count, [this] { return T::of(next++); });
    }

    sync::Attention attention{sync::FenceKind::SeqCst};
    DenseRing<T> ring;
    typename DenseRing<T>::Writer writer;
    std::uint64_t next = 0;
  };

  static ReadStatus read(typename DenseRing<T>::Reader& reader,
                         std::optional<std::uint64_t>& value) {
    return reader.read([&](const T& message) { value = message.value(); });
  }

  static constexpr std::size_t kCapacities[] = {2, 4, 8, 16, 32, 64, 128, 256};
};

using Sizes =
    testing::Types<Sized<8>, Sized<16>, Sized<24>, Sized<32>, Sized<56>, Sized<64>, Sized<200>>;
TYPED_TEST_SUITE(DenseBlocks, Sizes);

TYPED_TEST(DenseBlocks, retain_exactly_the_capacity_at_every_position) {
  for (const std::size_t capacity : TestFixture::kCapacities) {
    typename TestFixture::Bench bench{capacity};
    for (std::size_t tail = 0; tail < 3 * capacity + 20; ++tail) {
      ASSERT_EQ(bench.ring.tail(), tail);
      std::optional<std::uint64_t> value;
      const std::size_t oldest = tail > capacity ? tail - capacity : 0;
      if (oldest > 0) {
        typename DenseRing<TypeParam>::Reader evicted{bench.ring, oldest - 1};
        ASSERT_EQ(TestFixture::read(evicted, value), ReadStatus::Lagged)
            << "capacity " << capacity << ", tail " << tail;
        ASSERT_EQ(evicted.skip_to_oldest(), 1U);
        ASSERT_EQ(evicted.cursor(), oldest);
      }
      typename DenseRing<TypeParam>::Reader reader{bench.ring, oldest};
      for (std::size_t sequence = oldest; sequence < tail; ++sequence) {
        value.reset();
        ASSERT_EQ(TestFixture::read(reader, value), ReadStatus::Ready)
            << "capacity " << capacity << ", tail " << tail << ", sequence " << sequence;
        ASSERT_EQ(value, sequence);
      }
      ASSERT_EQ(TestFixture::read(reader, value), ReadStatus::Empty);
      ASSERT_FALSE(reader.has_news());
      bench.publish(1);
      ASSERT_TRUE(reader.has_news());
    }
  }
}

TYPED_TEST(DenseBlocks, read_in_batches_of_any_size_what_was_written_in_batches_of_any_size) {
  for (const std::size_t capacity : {std::size_t{8}, std::size_t{64}}) {
    for (std::size_t written = 1; written <= 8; ++written) {
      for (std::size_t limit = 1; limit <= 9; ++limit) {
        typename TestFixture::Bench bench{capacity};
        typename DenseRing<TypeParam>::Reader reader{bench.ring, 0};
        std::vector<TypeParam> out(limit);
        std::uint64_t expected = 0;
        while (bench.next < 5 * capacity) {
          bench.publish_many(written);
          for (ReadStatus status{}; status != ReadStatus::Empty;) {
            const std::size_t count = reader.read_many(out.data(), limit, status);
            for (std::size_t i = 0; i < count; ++i) {
              ASSERT_EQ(out[i].value(), expected) << "written " << written << ", limit " << limit;
              ++expected;
            }
            ASSERT_TRUE(count == limit || status == ReadStatus::Empty);
          }
          ASSERT_EQ(expected, bench.next);
        }
      }
    }
  }
}

TYPED_TEST(DenseBlocks, keep_what_is_retained_when_the_ring_is_closed_and_written_to) {
  for (const std::size_t capacity : TestFixture::kCapacities) {
    for (std::size_t count = 0; count < 2 * capacity + 9; ++count) {
      typename TestFixture::Bench bench{capacity};
      bench.publish_many(count);
      bench.ring.close();
      // What a publisher may still do before it notices: one batch up to the end of a block.
      bench.writer.publish_many(20, [] { return TypeParam::of(0xDEADU); });
      ASSERT_LT(bench.writer.published(), count + 20);
      ASSERT_EQ(bench.writer.excess(), bench.writer.published() - count);
      ASSERT_EQ(bench.ring.tail(), count);
      const std::size_t oldest = count > capacity ? count - capacity : 0;
      typename DenseRing<TypeParam>::Reader reader{bench.ring, oldest};
      std::optional<std::uint64_t> value;
      for (std::size_t sequence = oldest; sequence < count; ++sequence) {
        ASSERT_EQ(TestFixture::read(reader, value), ReadStatus::Ready);
        ASSERT_EQ(value, sequence) << "capacity " << capacity << ", count " << count;
      }
      ASSERT_EQ(TestFixture::read(reader, value), ReadStatus::Closed);
    }
  }
}

TYPED_TEST(DenseBlocks, let_a_new_writer_go_on_at_every_position) {
  for (const std::size_t capacity : TestFixture::kCapacities) {
    typename TestFixture::Bench bench{capacity};
    for (std::size_t tail = 0; tail < 2 * capacity + 20; ++tail) {
      typename DenseRing<TypeParam>::Writer writer{bench.ring};
      ASSERT_EQ(writer.published(), tail);
      writer.publish(TypeParam::of(tail));
      typename DenseRing<TypeParam>::Reader reader{bench.ring, tail};
      std::optional<std::uint64_t> value;
      ASSERT_EQ(TestFixture::read(reader, value), ReadStatus::Ready);
      ASSERT_EQ(value, tail);
    }
  }
}

}  // namespace
}  // namespace ron::kernel
