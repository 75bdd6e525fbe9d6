// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/kernel/batch_ring.hpp"

#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ronbus/sync/attention.hpp>

namespace ron::kernel {
namespace {

using testing::ElementsAre;

using Batches = BatchRing<std::uint64_t>;
constexpr std::size_t kRetained = 64;

const auto ignore = [](std::uint64_t) {};

struct BatchBench {
  sync::Attention attention{sync::FenceKind::SeqCst, sync::Attention::HotSide::Swaps};
  Batches ring{kRetained, 16, attention};
  Batches::Writer writer{ring};
  std::uint64_t next = 0;

  /// In one batch, or as few as may be.
  void publish(std::size_t count) { publish(writer, count); }
  void publish(Batches::Writer& by, std::size_t count) {
    std::vector<std::uint64_t> messages(count);
    std::iota(messages.begin(), messages.end(), next);
    next += count;
    auto from = messages.cbegin();
    while (from != messages.cend()) {
      const auto left = static_cast<std::size_t>(messages.cend() - from);
      ASSERT_GT(by.publish_many(from, left, kNoLimit, ignore), 0U);
    }
  }
};

std::vector<std::uint64_t> drain(Batches::Reader& reader, ReadStatus expected = ReadStatus::Empty) {
  std::vector<std::uint64_t> all(2 * kRetained);
  ReadStatus status{};
  all.resize(reader.read_many(all.data(), all.size(), status));
  EXPECT_EQ(status, expected);
  return all;
}
std::vector<std::uint64_t> numbers(std::uint64_t begin, std::uint64_t end) {
  std::vector<std::uint64_t> all(end - begin);
  std::iota(all.begin(), all.end(), begin);
  return all;
}

TEST(BatchRing, batches_of_all_lengths_arrive_whole_and_in_order) {
  BatchBench bench;
  Batches::Reader reader{bench.ring, 0};
  for (std::size_t count = 1; count <= kRetained; ++count) {
    const std::uint64_t begin = bench.next;
    bench.publish(count);
    EXPECT_EQ(bench.ring.tail(), bench.next);
    ASSERT_EQ(drain(reader), numbers(begin, bench.next));
  }
}

TEST(BatchRing, writers_by_turns_go_on_at_the_tail) {
  BatchBench bench;
  Batches::Writer other{bench.ring};
  Batches::Reader reader{bench.ring, 0};
  for (std::size_t turn = 1; turn <= 200; ++turn) {
    const std::uint64_t begin = bench.next;
    bench.publish(turn % 7 + 1);
    bench.publish(other, turn % 5 + 1);
    if (turn % 3 == 0) {
      Batches::Writer third{bench.ring};
      bench.publish(third, 2);
    }
    ASSERT_EQ(drain(reader), numbers(begin, bench.next));
  }
}

TEST(BatchRing, exactly_the_capacity_is_retained_wherever_batches_begin) {
  for (const std::size_t length : {1U, 2U, 3U, 7U, 63U, 64U}) {
    BatchBench bench;
    Batches::Reader reader{bench.ring, 0};
    while (bench.next <= 5 * kRetained) bench.publish(length);
    EXPECT_EQ(drain(reader, ReadStatus::Lagged), numbers(0, 0));
    EXPECT_EQ(reader.skip_to_oldest(), bench.next - kRetained);
    EXPECT_EQ(reader.skip_to_oldest(), 0U);
    EXPECT_EQ(drain(reader), numbers(bench.next - kRetained, bench.next));
  }
}

TEST(BatchRing, a_reader_that_is_overrun_in_the_midst_of_a_batch_lags) {
  BatchBench bench;
  Batches::Reader reader{bench.ring, 0};
  bench.publish(10);
  std::array<std::uint64_t, 4> some{};
  ReadStatus status{};
  ASSERT_EQ(reader.read_many(some.data(), some.size(), status), 4U);
  bench.publish(kRetained - 6);
  EXPECT_EQ(reader.read([](const std::uint64_t& message) { EXPECT_EQ(message, 4U); }),
            ReadStatus::Ready);
  EXPECT_EQ(reader.cursor(), 5U);
  bench.publish(2);
  EXPECT_EQ(drain(reader, ReadStatus::Lagged), numbers(0, 0));
  EXPECT_EQ(reader.skip_to_oldest(), 1U);
  EXPECT_EQ(drain(reader), numbers(6, bench.next));
}

TEST(BatchRing, every_retained_message_is_found) {
  BatchBench bench;
  Batches::Reader reader{bench.ring, 0};
  for (std::size_t length = 1; bench.next < 300; length = length % 11 + 1) bench.publish(length);
  for (std::uint64_t at = bench.next - kRetained; at <= bench.next; ++at) {
    reader.seek(at);
    ASSERT_EQ(drain(reader), numbers(at, bench.next));
  }
  reader.seek(bench.next - kRetained - 1);
  EXPECT_EQ(drain(reader, ReadStatus::Lagged), numbers(0, 0));
}

TEST(BatchRing, a_batch_keeps_its_limit) {
  BatchBench bench;
  const std::array<std::uint64_t, 5> messages{0, 1, 2, 3, 4};
  const auto* next = messages.data();
  EXPECT_EQ(bench.writer.publish_many(next, 5, 3, ignore), 3U);
  EXPECT_EQ(next, messages.data() + 3);
  EXPECT_EQ(bench.writer.publish_many(next, 2, 3, ignore), 0U);
  EXPECT_EQ(bench.writer.commit_within(bench.writer.prepare(std::uint64_t{3}), 3),
            CommitStatus::Full);
  EXPECT_EQ(bench.ring.tail(), 3U);
  EXPECT_EQ(bench.writer.publish_many(next, 2, 9, ignore), 2U);
  Batches::Reader reader{bench.ring, 0};
  EXPECT_EQ(drain(reader), numbers(0, 5));
}

TEST(BatchRing, each_message_is_made_once_also_where_the_memory_ends_or_the_limit_is) {
  BatchBench bench;
  std::uint64_t made = 0;
  const auto from =
      std::views::iota(0, 1000) | std::views::transform([&made](int) { return made++; });
  auto next = from.begin();
  for (std::size_t done = 0; done < 900;) {
    done += bench.writer.publish_many(next, 900 - done, kNoLimit, ignore);
    EXPECT_EQ(made, done);
  }
  EXPECT_EQ(bench.writer.publish_many(next, 50, 903, ignore), 3U);
  EXPECT_EQ(bench.writer.publish_many(next, 47, 903, ignore), 0U);
  EXPECT_EQ(made, 903U);
  Batches::Reader reader{bench.ring, 0};
  EXPECT_EQ(reader.skip_to_oldest(), 903U - kRetained);
  EXPECT_EQ(drain(reader), numbers(903 - kRetained, 903));
}

#if defined(__cpp_exceptions)
TEST(BatchRing, what_was_made_before_a_message_throws_is_published) {
  BatchBench bench;
  const auto from = std::views::iota(std::uint64_t{0}, std::uint64_t{9}) |
                    std::views::transform([](std::uint64_t number) {
                      if (number == 5) throw std::runtime_error{"five"};
                      return number;
                    });
  auto next = from.begin();
  EXPECT_THROW(bench.writer.publish_many(next, 9, kNoLimit, ignore), std::runtime_error);
  Batches::Reader reader{bench.ring, 0};
  EXPECT_EQ(drain(reader), numbers(0, 5));
}
#endif  // exceptions

TEST(BatchRing, after_close_all_is_refused_and_what_is_retained_is_read) {
  BatchBench bench;
  Batches::Reader reader{bench.ring, 0};
  Batches::Writer other{bench.ring};
  bench.publish(7);
  bench.ring.close();
  bench.ring.close();
  const std::array<std::uint64_t, 2> messages{7, 8};
  for (Batches::Writer* const writer : {&bench.writer, &other}) {
    for (int time = 0; time < 3; ++time) {
      const auto* next = messages.data();
      EXPECT_EQ(writer->publish_many(next, 2, kNoLimit, ignore), 0U);
      EXPECT_EQ(writer->commit(writer->prepare(std::uint64_t{7})), CommitStatus::Refused);
    }
  }
  EXPECT_EQ(bench.ring.tail(), 7U);
  EXPECT_TRUE(reader.has_news());
  EXPECT_EQ(drain(reader, ReadStatus::Closed), numbers(0, 7));
  EXPECT_TRUE(reader.has_news()) << "the end is news";
}

TEST(BatchRing, what_is_refused_after_close_is_written_over_nothing_that_is_retained) {
  for (std::size_t before = 0; before < 3 * kRetained; before += 7) {
    BatchBench bench;
    bench.publish(before);
    bench.publish(kRetained);
    bench.ring.close();
    std::vector<std::uint64_t> messages(kRetained, 1'000'000);
    for (int i = 0; i < 5; ++i) {
      auto next = messages.cbegin();
      EXPECT_EQ(bench.writer.publish_many(next, messages.size(), kNoLimit, ignore), 0U);
    }
    Batches::Reader reader{bench.ring, before};
    EXPECT_EQ(drain(reader, ReadStatus::Closed), numbers(before, before + kRetained));
  }
}

TEST(BatchRing, messages_of_several_words_and_of_parts_of_one_arrive_whole) {
  const auto pass = [](const auto& message) {
    using T = std::remove_cvref_t<decltype(message)>;
    sync::Attention attention{sync::FenceKind::SeqCst, sync::Attention::HotSide::Swaps};
    BatchRing<T> ring{2, 1, attention};
    typename BatchRing<T>::Writer writer{ring};
    typename BatchRing<T>::Reader reader{ring, 0};
    for (int time = 0; time < 200; ++time) {
      ASSERT_EQ(writer.commit(writer.prepare(message)), CommitStatus::Done);
      ASSERT_EQ(reader.read([&](const T& found) { EXPECT_EQ(found, message); }), ReadStatus::Ready);
    }
  };
  pass(std::array{'a', 'b', 'c'});
  pass(std::array<std::uint64_t, 8>{1, 2, 3, 4, 5, 6, 7, 8});
}

}  // namespace
}  // namespace ron::kernel
