// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Message types that are hard on a bus: throwing, non-copyable, over-aligned, empty, large, and
// those that count their instances or publish when they are destroyed.
#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <list>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

BusBuilder builder(std::size_t capacity = 4) {
  BusBuilder result;
  result.environment([](std::string_view) { return std::nullopt; }).cap(capacity);
  return result;
}

template <class T>
Bus<T> shared_bus(std::size_t capacity = 4) {
  return builder(capacity).build<T>().value();
}
template <class T>
Bus<T> sole_bus(std::size_t capacity = 4) {
  return builder(capacity).single_publisher().build<T>().value();
}
template <class T>
Bus<T> batched_bus(std::size_t flush_threshold, bool sole = false) {
  return builder(64)
      .mode(BusMode::Batched)
      .tls_flush_threshold(flush_threshold)
      .single_publisher(sole)
      .build<T>()
      .value();
}
/// On a bus for any number of publishers, and on one that promised a single publisher.
template <class T, class Test>
void on_both(const Test& test, std::size_t capacity = 4) {
  {
    SCOPED_TRACE("any number of publishers");
    test(shared_bus<T>(capacity));
  }
  SCOPED_TRACE("one publisher promised");
  test(sole_bus<T>(capacity));
}

#if defined(__cpp_exceptions)

// Copies that throw.

struct CopyThrows {
  explicit CopyThrows(int number) : value{number} {}
  CopyThrows(const CopyThrows& other) : value{other.value} { count_down(); }
  CopyThrows(CopyThrows&&) noexcept = default;
  CopyThrows& operator=(const CopyThrows& other) {
    count_down();
    value = other.value;
    return *this;
  }
  CopyThrows& operator=(CopyThrows&&) noexcept = default;
  ~CopyThrows() = default;

  static void count_down() {
    if (copies_left == 0) throw std::runtime_error{"no more copies"};
    --copies_left;
  }

  int value;
  static inline int copies_left = 0;
};

TEST(ThrowingCopy, reaches_the_receiver_and_moves_no_cursor) {
  on_both<CopyThrows>([](const Bus<CopyThrows>& bus) {
    auto subscriber = bus.subscribe();
    bus.emplace(7);
    bus.emplace(8);
    CopyThrows::copies_left = 0;
    EXPECT_THROW((void)subscriber.try_recv(), std::runtime_error);
    EXPECT_THROW((void)subscriber.recv(), std::runtime_error);
    EXPECT_THROW((void)subscriber.recv_for(1s), std::runtime_error);
    EXPECT_EQ(subscriber.next_sequence(), 0U);
    EXPECT_EQ(subscriber.received(), 0U);
    CopyThrows::copies_left = 100;
    EXPECT_EQ(subscriber.try_recv()->value, 7);
    EXPECT_EQ(subscriber.recv()->value, 8);
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::Empty);
  });
}

TEST(ThrowingCopy, inside_a_batch_moves_no_cursor) {
  on_both<CopyThrows>([](const Bus<CopyThrows>& bus) {
    auto subscriber = bus.subscribe({.gating = true});
    for (const int value : {1, 2, 3, 4}) bus.emplace(value);
    std::vector<CopyThrows> batch;
    for (int i = 0; i < 4; ++i) batch.emplace_back(0);
    CopyThrows::copies_left = 2;
    EXPECT_THROW((void)subscriber.try_recv_many(batch), std::runtime_error);
    EXPECT_EQ(subscriber.next_sequence(), 0U)
        << "the caller was not told of any message, so none may count as received";
    CopyThrows::copies_left = 4;
    EXPECT_EQ(subscriber.try_recv_many(batch), 4U);
    EXPECT_EQ(batch[0].value, 1);
  });
}

TEST(ThrowingCopy, in_publish_publishes_nothing) {
  on_both<CopyThrows>([](const Bus<CopyThrows>& bus) {
    auto subscriber = bus.subscribe();
    const CopyThrows message{5};
    CopyThrows::copies_left = 0;
    for (int i = 0; i < 3000; ++i) {
      EXPECT_THROW(bus.publish(message), std::runtime_error);
      EXPECT_THROW(bus.emplace(message), std::runtime_error);
      EXPECT_THROW((void)bus.try_publish(message), std::runtime_error);
    }
    EXPECT_EQ(bus.published(), 0U);
    EXPECT_EQ(bus.refused(), 0U);
    bus.emplace(6);
    CopyThrows::copies_left = 1;
    EXPECT_EQ(subscriber.try_recv()->value, 6);
  });
}

TEST(ThrowingHandler, leaves_the_message_to_the_next_visit) {
  const auto test = [](const auto& bus) {
    auto subscriber = bus.subscribe();
    for (const std::uint64_t value : {1U, 2U, 3U}) bus.publish(value);
    const auto fail = [](const auto& /*message*/) { throw std::runtime_error{"handler"}; };
    EXPECT_THROW((void)subscriber.try_visit(fail), std::runtime_error);
    EXPECT_THROW((void)subscriber.visit(fail), std::runtime_error);
    EXPECT_EQ(subscriber.next_sequence(), 0U);
    std::vector<std::uint64_t> seen;
    const auto fail_at_2 = [&seen](std::uint64_t message) {
      if (message == 2) throw std::runtime_error{"handler"};
      seen.push_back(message);
    };
    EXPECT_THROW((void)subscriber.poll(fail_at_2, 10), std::runtime_error);
    EXPECT_EQ(subscriber.next_sequence(), 1U);
    EXPECT_EQ(subscriber.poll([&seen](std::uint64_t message) { seen.push_back(message); }, 10), 2U);
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 3}));
  };
  on_both<std::uint64_t>(test);
}

// Constructors that throw.

struct MakeThrows {
  explicit MakeThrows(int number) : value{number} {
    if (number < 0) throw std::invalid_argument{"negative"};
  }
  int value;
};
static_assert(std::is_trivially_copyable_v<MakeThrows>);

struct MakeThrowsPinned {
  explicit MakeThrowsPinned(int number) : text(100, 'x'), value{number} {
    if (number < 0) throw std::invalid_argument{"negative"};
  }
  std::string text;
  int value;
};

template <class T>
class ThrowingConstructor : public testing::Test {};
using ThrowingConstructorTypes = testing::Types<MakeThrows, MakeThrowsPinned>;
TYPED_TEST_SUITE(ThrowingConstructor, ThrowingConstructorTypes);

TYPED_TEST(ThrowingConstructor, publishes_nothing_and_the_bus_goes_on) {
  on_both<TypeParam>([](const Bus<TypeParam>& bus) {
    auto subscriber = bus.subscribe();
    auto publisher = bus.publisher().value();
    for (int i = 0; i < 3000; ++i) {
      EXPECT_THROW(publisher.emplace(-1), std::invalid_argument);
    }
    EXPECT_EQ(bus.published(), 0U);
    EXPECT_EQ(publisher.emplace(5), 1U);
    EXPECT_THROW(publisher.emplace(-1), std::invalid_argument);
    EXPECT_EQ(publisher.emplace(6), 1U);
    EXPECT_EQ(subscriber.try_recv()->value, 5);
    EXPECT_EQ(subscriber.try_recv()->value, 6);
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::Empty);
  });
}

TYPED_TEST(ThrowingConstructor, leaves_what_is_staged_as_it_is) {
  for (const bool sole : {false, true}) {
    const auto bus = batched_bus<TypeParam>(4, sole);
    auto subscriber = bus.subscribe();
    auto publisher = bus.publisher().value();
    for (int i = 0; i < 11; ++i) {
      for (int again = 0; again < 300; ++again) {
        EXPECT_THROW(publisher.emplace(-1), std::invalid_argument);
      }
      EXPECT_EQ(publisher.staged(), i % 4);
      EXPECT_EQ(publisher.emplace(i), 1U);
    }
    EXPECT_EQ(publisher.flush(), 3U);
    for (int i = 0; i < 11; ++i) EXPECT_EQ(subscriber.try_recv()->value, i);
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::Empty);
  }
}

TYPED_TEST(ThrowingConstructor, inside_a_batch_keeps_the_order_whole) {
  for (int bad = 0; bad < 30; ++bad) {
    on_both<TypeParam>(
        [bad](const Bus<TypeParam>& bus) {
          auto subscriber = bus.subscribe();
          auto publisher = bus.publisher().value();
          publisher.emplace(1000);
          const auto numbers = std::views::iota(0, 30) |
                               std::views::transform([bad](int i) { return i == bad ? -1 : i; });
          const auto made =
              numbers | std::views::transform([](int number) { return TypeParam{number}; });
          EXPECT_THROW(publisher.publish_many(made), std::invalid_argument);
          const std::uint64_t before = bus.published();
          EXPECT_LE(before, static_cast<std::uint64_t>(bad) + 1);
          publisher.emplace(2000);
          EXPECT_EQ(bus.published(), before + 1);
          // Some of the batch before the bad one, in order, and what was published after it.
          ASSERT_EQ(subscriber.try_recv()->value, 1000);
          for (int i = 0; i < static_cast<int>(before) - 1; ++i) {
            ASSERT_EQ(subscriber.try_recv()->value, i) << "bad " << bad;
          }
          ASSERT_EQ(subscriber.try_recv()->value, 2000) << "bad " << bad;
          ASSERT_FALSE(subscriber.try_recv());
        },
        64);
  }
}

TYPED_TEST(ThrowingConstructor, inside_a_batch_does_not_leave_a_sleeper_asleep) {
  on_both<TypeParam>(
      [](const Bus<TypeParam>& bus) {
        auto subscriber = bus.subscribe();
        auto publisher = bus.publisher().value();
        std::atomic<bool> timed_out{false};
        Thread sleeper{[&] {
          const auto message = subscriber.recv_for(30s);
          timed_out = !message && message.error() == RecvError::Timeout;
        }};
        sleeper.wait_until_asleep();
        const auto made = std::views::iota(0, 30) |
                          std::views::transform([](int i) { return TypeParam{i == 29 ? -1 : i}; });
        EXPECT_THROW(publisher.publish_many(made), std::invalid_argument);
        if (bus.published() == 0) publisher.emplace(1);
        sleeper.join();
        EXPECT_FALSE(timed_out) << "messages were published and nobody told it";
      },
      64);
}

#endif  // exceptions

// Types that cannot be copied, assigned or made from nothing.

TEST(MoveOnly, is_received_in_place_and_moved_from_containers) {
  const auto bus = shared_bus<std::unique_ptr<int>>(8);
  auto subscriber = bus.subscribe();
  bus.publish(std::make_unique<int>(1));
  std::vector<std::unique_ptr<int>> batch;
  batch.push_back(std::make_unique<int>(2));
  batch.push_back(std::make_unique<int>(3));
  EXPECT_EQ(bus.publish_many(std::move(batch)), 1U);
  std::vector<int> seen;
  EXPECT_EQ(subscriber.poll([&seen](const auto& message) { seen.push_back(*message); }, 2), 2U);
  const auto kept = subscriber.try_borrow();
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(***kept, 3);
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

struct MoveOnlyWord {
  explicit MoveOnlyWord(int number) : value{number} {}
  MoveOnlyWord(MoveOnlyWord&&) = default;
  MoveOnlyWord& operator=(MoveOnlyWord&&) = default;
  MoveOnlyWord(const MoveOnlyWord&) = delete;
  MoveOnlyWord& operator=(const MoveOnlyWord&) = delete;
  ~MoveOnlyWord() = default;
  int value;
};
static_assert(std::is_trivially_copyable_v<MoveOnlyWord>);

TEST(MoveOnly, that_is_trivially_copyable_has_all_of_publish_and_visit) {
  on_both<MoveOnlyWord>([](const Bus<MoveOnlyWord>& bus) {
    auto subscriber = bus.subscribe({.gating = true});
    bus.publish(MoveOnlyWord{1});
    EXPECT_TRUE(bus.try_publish(MoveOnlyWord{2}));
    std::vector<MoveOnlyWord> batch;
    batch.emplace_back(3);
    batch.emplace_back(4);
    bus.publish_many(std::move(batch));
    EXPECT_EQ(bus.try_publish(MoveOnlyWord{5}).error(), PublishError::Full);
    std::vector<int> seen;
    EXPECT_EQ(subscriber.poll([&](const auto& message) { seen.push_back(message.value); }, 9), 4U);
    EXPECT_EQ(seen, (std::vector<int>{1, 2, 3, 4}));
  });
}

struct ConstText {
  explicit ConstText(int number) : text{std::to_string(number) + std::string(50, '-')} {}
  const std::string text;
};

TEST(NotAssignable, is_received_by_value_and_in_place) {
  const auto bus = shared_bus<ConstText>();
  auto subscriber = bus.subscribe();
  for (const int value : {1, 2, 3, 4, 5}) bus.emplace(value);
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::lagged(1));
  EXPECT_EQ(subscriber.try_recv()->text.front(), '2');
  EXPECT_EQ(subscriber.recv()->text.front(), '3');
  EXPECT_EQ((*subscriber.try_borrow())->text.front(), '4');
}

struct NoDefault {
  explicit NoDefault(std::uint64_t number) : value{number} {}
  std::uint64_t value;
};
static_assert(std::is_trivially_copyable_v<NoDefault> &&
              !std::is_default_constructible_v<NoDefault>);

TEST(NoDefaultConstructor, is_not_needed) {
  on_both<NoDefault>([](const Bus<NoDefault>& bus) {
    auto subscriber = bus.subscribe();
    for (const std::uint64_t value : {1U, 2U, 3U, 4U}) bus.emplace(value);
    EXPECT_EQ(subscriber.try_recv()->value, 1U);
    EXPECT_EQ((*subscriber.try_borrow())->value, 2U);
    std::vector<NoDefault> batch(3, NoDefault{0});
    EXPECT_EQ(subscriber.try_recv_many(batch), 2U);
    EXPECT_EQ(batch[1].value, 4U);
  });
}

// Sizes and alignments.

struct alignas(64) Line {
  std::uint64_t value;
};
struct alignas(128) TwoLines {
  std::uint64_t value;
};
struct alignas(128) AlignedText {
  explicit AlignedText(std::uint64_t number) : value{number}, text(40, 'a') {}
  std::uint64_t value;
  std::string text;
};

template <class T>
class OverAligned : public testing::Test {};
using OverAlignedTypes = testing::Types<Line, TwoLines, AlignedText>;
TYPED_TEST_SUITE(OverAligned, OverAlignedTypes);

TYPED_TEST(OverAligned, lies_where_it_may_in_every_way_to_receive) {
  const auto is_aligned = [](const TypeParam& message) {
    return reinterpret_cast<std::uintptr_t>(&message) % alignof(TypeParam) == 0;
  };
  on_both<TypeParam>([&](const Bus<TypeParam>& bus) {
    auto subscriber = bus.subscribe();
    std::vector<Borrowed<TypeParam>> borrowed;
    for (std::uint64_t value = 0; value < 40; value += 4) {
      for (std::uint64_t i = 0; i < 4; ++i) bus.emplace(value + i);
      const auto copy = subscriber.try_recv();
      ASSERT_TRUE(copy.has_value());
      EXPECT_TRUE(is_aligned(*copy));
      EXPECT_EQ(copy->value, value);
      EXPECT_TRUE(subscriber.try_visit([&](const TypeParam& message) {
        EXPECT_TRUE(is_aligned(message));
        EXPECT_EQ(message.value, value + 1);
      }));
      borrowed.push_back(std::move(*subscriber.try_borrow()));
      EXPECT_TRUE(is_aligned(*borrowed.back()));
      std::vector<TypeParam> batch(2, TypeParam{0});
      EXPECT_EQ(subscriber.try_recv_many(batch), 1U);
      EXPECT_EQ(batch[0].value, value + 3);
    }
    for (std::size_t i = 0; i < borrowed.size(); ++i) EXPECT_EQ(borrowed[i]->value, 4 * i + 2);
  });
}

struct Nothing {};
struct NothingButDestructor {
  NothingButDestructor() = default;
  NothingButDestructor(const NothingButDestructor&) {}
  NothingButDestructor(NothingButDestructor&&) noexcept {}
  NothingButDestructor& operator=(const NothingButDestructor&) { return *this; }
  NothingButDestructor& operator=(NothingButDestructor&&) noexcept { return *this; }
  ~NothingButDestructor() {}
};

template <class T>
class EmptyClass : public testing::Test {};
using EmptyClassTypes = testing::Types<Nothing, NothingButDestructor>;
TYPED_TEST_SUITE(EmptyClass, EmptyClassTypes);

TYPED_TEST(EmptyClass, is_a_message_like_any_other) {
  on_both<TypeParam>([](const Bus<TypeParam>& bus) {
    auto subscriber = bus.subscribe();
    for (int i = 0; i < 7; ++i) EXPECT_EQ(bus.emplace(), 1U);
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::lagged(3));
    EXPECT_TRUE(subscriber.try_recv().has_value());
    EXPECT_TRUE(subscriber.try_borrow().has_value());
    EXPECT_EQ(subscriber.poll([](const TypeParam&) {}, 9), 2U);
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::Empty);
  });
}

struct Page {
  std::array<std::uint64_t, 512> words;
};
static_assert(sizeof(Page) == 4096);

TEST(FourKilobytes, travel_whole) {
  on_both<Page>([](const Bus<Page>& bus) {
    auto subscriber = bus.subscribe();
    const auto is_whole = [](const Page& page, std::uint64_t value) {
      for (const std::uint64_t word : page.words) {
        if (word != value) return false;
      }
      return true;
    };
    for (std::uint64_t value = 0; value < 50; ++value) {
      Page page;
      page.words.fill(value);
      bus.publish(page);
      if (value < 46) continue;
    }
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::lagged(46));
    EXPECT_TRUE(is_whole(*subscriber.try_recv(), 46));
    EXPECT_TRUE(is_whole(**subscriber.try_borrow(), 47));
    std::vector<Page> batch(4);
    EXPECT_EQ(subscriber.try_recv_many(batch), 2U);
    EXPECT_TRUE(is_whole(batch[1], 49));
  });
}

TEST(SmallTypes, keep_their_values) {
  enum class Colour : std::uint8_t { Red, Green };
  on_both<Colour>([](const Bus<Colour>& bus) {
    auto subscriber = bus.subscribe();
    bus.publish(Colour::Green);
    EXPECT_EQ(subscriber.try_recv(), Colour::Green);
  });
  on_both<bool>([](const Bus<bool>& bus) {
    auto subscriber = bus.subscribe();
    bus.publish(false);
    bus.publish(true);
    EXPECT_FALSE(*subscriber.try_recv());
    EXPECT_TRUE(*subscriber.try_recv());
  });
  on_both<const char*>([](const Bus<const char*>& bus) {
    auto subscriber = bus.subscribe();
    bus.publish("text");
    EXPECT_STREQ(*subscriber.try_recv(), "text");
  });
}

// Life and death.

/// Knows how many of its kind live.
struct Counted {
  explicit Counted(int number) : value{number} { note(); }
  Counted(const Counted& other) : value{other.value} { note(); }
  Counted(Counted&& other) noexcept : value{other.value} { note(); }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() { --live; }

  static void note() {
    ++live;
    most = std::max(most, live);
  }
  static void reset() { most = live; }

  int value;
  std::string text = "something that leaks if it is forgotten";
  static inline int live = 0;
  static inline int most = 0;
};

/// Most messages that live beyond the capacity, as kernel/pinned_nodes.hpp promises.
constexpr int bound(int publishers, int pins) { return publishers * std::max(1024, 4 * pins); }

TEST(CountedMessages, leave_nothing_behind) {
  ASSERT_EQ(Counted::live, 0);
  for (const int count : {0, 1, 3, 4, 5, 9, 100, 5000}) {
    on_both<Counted>([count](Bus<Counted> bus) {
      auto subscriber = bus.subscribe();
      auto publisher = std::optional{bus.publisher().value()};
      for (int i = 0; i < count; ++i) publisher->emplace(i);
      for (int i = 0; i < 2; ++i) (void)subscriber.try_recv();
      auto borrowed = subscriber.try_borrow();
      publisher.reset();
      for (int i = 0; i < 10; ++i) bus.emplace(i);
      bus.close();
      bus.emplace(1);
      EXPECT_FALSE(bus.try_publish(Counted{1}).has_value());
    });
    ASSERT_EQ(Counted::live, 0) << count;
  }
}

TEST(CountedMessages, beyond_the_capacity_live_at_most_as_many_as_promised) {
  for (const int pins : {0, 1, 33, 600, 1100, 2100}) {
    Counted::reset();
    {
      const auto bus = shared_bus<Counted>(64);
      auto subscriber = bus.subscribe();
      auto publisher = bus.publisher().value();
      std::vector<Borrowed<Counted>> borrowed;
      for (int i = 0; i < 20000; ++i) {
        publisher.emplace(i);
        auto message = subscriber.try_borrow();
        ASSERT_TRUE(message.has_value());
        if (static_cast<int>(borrowed.size()) < pins) borrowed.push_back(std::move(*message));
      }
      EXPECT_LE(Counted::most, 64 + bound(1, pins + 2)) << pins << " pins";
      for (int i = 0; i < pins; ++i) EXPECT_EQ(borrowed[static_cast<std::size_t>(i)]->value, i);
    }
    ASSERT_EQ(Counted::live, 0);
  }
}

TEST(CountedMessages, of_publishers_that_come_and_go_stay_bounded) {
  Counted::reset();
  const auto bus = shared_bus<Counted>(64);
  for (int i = 0; i < 20000; ++i) {
    auto publisher = bus.publisher().value();
    publisher.emplace(i);
    bus.emplace(i);
  }
  EXPECT_LE(Counted::most, 64 + bound(2, 0));
}

TEST(CountedMessages, that_are_staged_are_destroyed_once_whatever_becomes_of_them) {
  ASSERT_EQ(Counted::live, 0);
  // More than a publisher has nodes for at first, too.
  for (const std::size_t bound : {3U, 4096U}) {
    for (const bool closed : {false, true}) {
      const auto bus = batched_bus<Counted>(bound);
      auto publisher = bus.publisher().value();
      for (int i = 0; i < 5000; ++i) EXPECT_EQ(publisher.emplace(i), 0U);
      const std::uint64_t staged = publisher.staged();
      EXPECT_EQ(bus.published() + staged, 5000U);
      if (closed) bus.close();
      EXPECT_EQ(publisher.flush(), closed ? 0U : staged);
      EXPECT_EQ(bus.refused(), closed ? staged : 0U);
    }
    ASSERT_EQ(Counted::live, 0);
  }
}

TEST(CountedMessages, that_are_refused_are_destroyed) {
  Counted::reset();
  const int before = Counted::live;
  const auto bus = shared_bus<Counted>(4);
  auto publisher = bus.publisher().value();
  bus.close();
  for (int i = 0; i < 5000; ++i) {
    publisher.emplace(i);
    publisher.publish_many(std::vector<Counted>(3, Counted{i}));
  }
  EXPECT_EQ(Counted::live, before);
}

/// Publishes a successor on the same bus when it is destroyed, by way of `echo`.
struct Echo {
  explicit Echo(int number) : generations{number} {}
  Echo(Echo&& other) noexcept : generations{std::exchange(other.generations, 0)} {}
  Echo& operator=(Echo&& other) noexcept {
    std::swap(generations, other.generations);
    return *this;
  }
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;
  ~Echo() {
    if (generations > 0 && echo) echo(generations - 1);
  }

  int generations;
  static inline std::function<void(int)> echo;
};

/// Publishes 5000 messages of so many `generations`, each of which has `outlet` publish the next
/// one when it is destroyed. All of them must be counted by the bus, or staged.
template <class Outlet>
void publish_with_echoes(const Bus<Echo>& bus, Publisher<Echo>& publisher, Outlet& outlet,
                         int generations) {
  int echoes = 0;
  Echo::echo = [&](int left) {
    ++echoes;
    outlet.emplace(left);
  };
  for (int i = 0; i < 5000; ++i) publisher.emplace(generations);
  Echo::echo = nullptr;
  EXPECT_GT(echoes, 2000);
  EXPECT_EQ(bus.published() + publisher.staged(), 5000U + static_cast<std::uint64_t>(echoes));
}

TEST(DestructorThatPublishes, may_do_so_through_the_same_publisher) {
  const auto bus = shared_bus<Echo>(4);
  auto publisher = bus.publisher().value();
  publish_with_echoes(bus, publisher, publisher, 3);
}

TEST(DestructorThatPublishes, may_do_so_through_a_publisher_that_stages) {
  const auto bus = batched_bus<Echo>(7);
  auto publisher = bus.publisher().value();
  publish_with_echoes(bus, publisher, publisher, 3);
}

TEST(DestructorThatPublishes, may_do_so_through_the_bus) {
  const auto bus = shared_bus<Echo>(4);
  auto publisher = bus.publisher().value();
  publish_with_echoes(bus, publisher, bus, 2);
}

TEST(HandlerThatPublishes, keeps_its_message_while_it_is_overwritten) {
  const auto bus = shared_bus<std::string>(4);
  auto publisher = bus.publisher().value();
  auto subscriber = bus.subscribe();
  const std::string text(200, 't');
  publisher.publish(text);
  ASSERT_TRUE(subscriber.try_visit([&](const std::string& message) {
    for (int i = 0; i < 5000; ++i) publisher.emplace(200U, 'o');
    EXPECT_EQ(message, text);
  }));
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::lagged(4996));
}

// Handles.

TEST(MovedPublisher, takes_along_what_is_staged) {
  const auto bus = batched_bus<std::string>(4);
  auto subscriber = bus.subscribe();
  auto first = bus.publisher().value();
  first.publish("a");
  auto second = std::move(first);
  EXPECT_EQ(first.staged(), 0U);  // NOLINT(bugprone-use-after-move): what is left is asked for
  EXPECT_EQ(first.flush(), 0U);
  EXPECT_EQ(first.publish("lost"), 0U);
  EXPECT_EQ(first.publish_many(std::vector<std::string>{"lost"}), 0U);
  EXPECT_EQ(first.try_publish("lost").error(), PublishError::Closed);
  EXPECT_EQ(second.staged(), 1U);
  second.publish("b");
  EXPECT_EQ(second.flush(), 2U);
  EXPECT_EQ(*subscriber.try_recv(), "a");
  EXPECT_EQ(*subscriber.try_recv(), "b");
  EXPECT_EQ(bus.refused(), 0U);
}

TEST(MovedPublisher, only_refuses_even_when_the_bus_is_gone) {
  auto moved_from = [] {
    auto bus = std::optional{shared_bus<std::string>()};
    auto publisher = std::make_unique<Publisher<std::string>>(bus->publisher().value());
    const Publisher<std::string> target{std::move(*publisher)};
    bus.reset();
    return publisher;
  }();
  EXPECT_EQ(moved_from->publish("a"), 0U);
  EXPECT_EQ(moved_from->publish_many(std::vector<std::string>{"a", "b"}), 0U);
  EXPECT_EQ(moved_from->try_publish("a").error(), PublishError::Closed);
  EXPECT_EQ(moved_from->publish_wait("a").error(), PublishError::Closed);
}

TEST(MovedSubscriber, goes_on_where_it_was_and_gives_up_what_it_replaces) {
  const auto bus = shared_bus<std::string>();
  auto first = bus.subscribe({.gating = true});
  auto second = bus.subscribe();
  for (const char* text : {"a", "b", "c", "d"}) bus.publish(text);
  EXPECT_EQ(second.try_recv(), "a");
  EXPECT_EQ(bus.try_publish("e").error(), PublishError::Full);
  first = std::move(second);
  EXPECT_EQ(bus.subscriber_count(), 1U);
  EXPECT_FALSE(first.is_gating());
  EXPECT_TRUE(bus.try_publish("e")) << "the gating one is gone";
  EXPECT_EQ(first.try_recv(), "b");
  auto third = std::move(first);
  EXPECT_EQ(third.try_recv(), "c");
  EXPECT_EQ(third.received(), 3U);
  EXPECT_EQ(bus.subscriber_count(), 1U);
}

TEST(MovedBorrowed, keeps_its_message_and_gives_up_what_it_replaces) {
  const auto test = [](const auto& bus) {
    auto subscriber = bus.subscribe();
    bus.emplace(1U);
    bus.emplace(2U);
    auto first = std::move(*subscriber.try_borrow());
    auto second = std::move(*subscriber.try_borrow());
    first = std::move(second);
    for (std::uint64_t i = 0; i < 5000; ++i) bus.emplace(i);
    EXPECT_EQ(*first, 2U);
    const auto third = std::move(first);
    EXPECT_EQ(*third, 2U);
  };
  on_both<std::uint64_t>(test);
}

TEST(Bus, publishes_what_converts_to_a_message) {
  const auto bus = shared_bus<KernelEvent>();
  auto subscriber = bus.subscribe({.gating = true});
  bus.publish(Shutdown{});
  EXPECT_TRUE(bus.try_publish(ConfigUpdated{3}));
  EXPECT_TRUE(bus.publish_wait(Health{"disk", false}));
  bus.emplace(std::in_place_type<ServiceCrashed>, "web", "reason");
  const ConfigUpdated update{4};
  EXPECT_EQ(bus.try_publish(update).error(), PublishError::Full);
  EXPECT_EQ(subscriber.try_recv(), KernelEvent{Shutdown{}});
  EXPECT_EQ(subscriber.try_recv(), KernelEvent{ConfigUpdated{3}});
  EXPECT_EQ(subscriber.try_recv(), (KernelEvent{Health{"disk", false}}));
  EXPECT_EQ(subscriber.try_recv(), (KernelEvent{ServiceCrashed{"web", "reason"}}));
}

TEST(Bus, leaves_what_converts_to_a_message_as_it_was_when_full) {
  const auto bus = shared_bus<std::string>(2);
  const auto subscriber = bus.subscribe({.gating = true});
  bus.publish("a");
  bus.publish("b");
  std::string storage(100, 'v');
  std::string_view view{storage};
  EXPECT_EQ(bus.try_publish(std::move(view)).error(), PublishError::Full);
  EXPECT_EQ(view.data(), storage.data());
  std::string text(100, 't');
  EXPECT_EQ(bus.try_publish(text).error(), PublishError::Full);
  EXPECT_EQ(bus.try_publish(std::move(text)).error(), PublishError::Full);
  EXPECT_EQ(text, std::string(100, 't'));  // NOLINT(bugprone-use-after-move): it was refused
}

TEST(Batches, come_from_any_forward_range) {
  const auto bus = shared_bus<std::string>(32);
  auto subscriber = bus.subscribe();
  const std::vector<std::string> constant{"a", "b"};
  std::vector<std::string> lvalue{"c", "d"};
  std::list<std::string> list{"e", "f"};
  std::vector<std::string> viewed{"g"};
  EXPECT_EQ(bus.publish_many(constant), 1U);
  EXPECT_EQ(bus.publish_many(lvalue), 1U);
  EXPECT_EQ(bus.publish_many(std::move(list)), 1U);
  EXPECT_EQ(bus.publish_many(std::views::all(viewed)), 1U);
  EXPECT_EQ(bus.publish_many(std::array{"h", "i"}), 1U);
  EXPECT_EQ(bus.publish_many(std::views::iota(1, 3) | std::views::transform([](int i) {
                               return std::string(static_cast<std::size_t>(i), 'j');
                             })),
            1U);
  EXPECT_EQ(lvalue, (std::vector<std::string>{"c", "d"})) << "an lvalue is copied";
  EXPECT_EQ(viewed, std::vector<std::string>{"g"}) << "what a view looks at is copied";
  std::vector<std::string> batch(32);
  ASSERT_EQ(subscriber.try_recv_many(batch), 11U);
  batch.resize(11);
  EXPECT_EQ(batch,
            (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "jj"}));
}

TEST(RangeFor, yields_messages_and_lag_until_the_bus_is_closed) {
  on_both<std::uint64_t>([](const Bus<std::uint64_t>& bus) {
    auto subscriber = bus.subscribe();
    for (std::uint64_t i = 0; i < 6; ++i) bus.publish(i);
    bus.close();
    std::vector<std::string> items;
    for (const auto& item : subscriber) {
      items.push_back(item ? std::to_string(*item) : item.error().message());
    }
    EXPECT_EQ(items, (std::vector<std::string>{"lagged (missed 2)", "2", "3", "4", "5"}));
    for (const auto& item : subscriber) ADD_FAILURE() << item.has_value();
  });
}

TEST(RangeFor, waits_for_messages) {
  const auto bus = shared_bus<std::string>();
  auto subscriber = bus.subscribe();
  std::vector<std::string> items;
  Thread reader{[&] {
    for (auto& item : subscriber) items.push_back(std::move(*item));
  }};
  for (const char* text : {"a", "b"}) {
    reader.wait_until_asleep();
    bus.publish(text);
  }
  reader.wait_until_asleep();
  bus.close();
  reader.join();
  EXPECT_EQ(items, (std::vector<std::string>{"a", "b"}));
}

TEST(SharedBytesOnABus, are_received_without_a_copy) {
  const auto bus = shared_bus<SharedBytes>();
  auto subscriber = bus.subscribe();
  const SharedBytes sent = SharedBytes::copy_of(std::string(100'000, 'b'));
  bus.publish(sent);
  const auto received = subscriber.try_recv();
  ASSERT_TRUE(received.has_value());
  EXPECT_EQ(received->bytes().data(), sent.bytes().data());
  EXPECT_EQ(received->size(), 100'000U);
}

}  // namespace
}  // namespace ron::test
