// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What happens when there is no memory. A program of its own: it replaces the allocation functions
// that answer with nullptr.
#include <csignal>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

namespace ron::test {

/// While one lives, the allocations that may fail do; or only one of them, counted from 0.
struct NoMemory {
  NoMemory() { exhausted = true; }
  explicit NoMemory(unsigned only) : NoMemory{} { until = only; }
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;
  ~NoMemory() {
    exhausted = false;
    until.reset();
  }

  [[nodiscard]] static bool refuses() { return exhausted && (!until || (*until)-- == 0); }

 private:
  static inline bool exhausted = false;
  static inline std::optional<unsigned> until;
};

namespace {

template <class T>
Bus<T> shared_bus(std::size_t capacity = 4, BusMode mode = BusMode::Classic) {
  return BusBuilder{}
      .environment([](std::string_view) { return std::nullopt; })
      .mode(mode)
      .cap(capacity)
      .template build<T>()
      .value();
}

/// Too large for a ring of pairs, whose publishers need no memory.
struct TwoWords {
  explicit TwoWords(std::uint64_t number) : first{number} {}
  std::uint64_t first;
  std::uint64_t second = 0;
};

TEST(WithoutMemory, a_publisher_more_is_told_so_and_those_that_are_there_go_on) {
  const auto test = [](const auto& bus) {
    auto subscriber = bus.subscribe();
    auto publisher = bus.publisher().value();
    {
      const NoMemory none;
      EXPECT_EQ(bus.publisher().error(), PublishError::OutOfMemory);
      EXPECT_EQ(bus.emplace(std::uint64_t{1}), 0U);
      EXPECT_EQ(bus.refused(), 1U);
      EXPECT_EQ(bus.publisher_count(), 1U);
      EXPECT_EQ(publisher.emplace(std::uint64_t{2}), 1U);
    }
    EXPECT_TRUE(bus.publisher().has_value());
    EXPECT_EQ(bus.emplace(std::uint64_t{3}), 1U);
    EXPECT_EQ(subscriber.lag(), 2U);
  };
  test(shared_bus<TwoWords>());
  test(shared_bus<std::variant<std::uint64_t, std::string>>());
}

TEST(WithoutMemory, a_batched_publisher_more_is_told_so_and_takes_nothing_along) {
  // Of a message of one word a publisher needs memory for nothing but what it stages.
  const auto bus = shared_bus<std::uint64_t>(4, BusMode::Batched);
  auto subscriber = bus.subscribe();
  auto publisher = bus.publisher().value();
  EXPECT_EQ(publisher.publish(1), 1U);
  for (const unsigned which : {0U, 1U}) {
    const NoMemory none{which};  // the storage, and the outlet
    EXPECT_EQ(bus.publisher().error(), PublishError::OutOfMemory);
    EXPECT_EQ(bus.publisher_count(), 1U);
  }
  {
    const NoMemory none;
    EXPECT_EQ(publisher.flush(), 1U);
    EXPECT_EQ(subscriber.try_recv(), 1U);
  }
  EXPECT_TRUE(bus.publisher().has_value());
}

#if defined(__cpp_exceptions)
TEST(WithoutMemory, subscribe_throws_and_leaves_nothing_behind) {
  const auto bus = shared_bus<std::string>(2);
  {
    const NoMemory none;
    EXPECT_THROW((void)bus.subscribe(), std::bad_alloc);
    EXPECT_THROW((void)bus.subscribe({.gating = true}), std::bad_alloc);
  }
  EXPECT_EQ(bus.subscriber_count(), 0U);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(bus.try_publish("nobody is in the way"));
  const auto first = bus.subscribe({.gating = true});
  {
    // The gate of a predecessor is there to be used again; the cell is not.
    (void)bus.subscribe({.gating = true});
    const auto taken = bus.subscribe();
    const NoMemory none;
    EXPECT_THROW((void)bus.subscribe({.gating = true}), std::bad_alloc);
  }
  EXPECT_EQ(bus.subscriber_count(), 1U);
}
#else
TEST(WithoutMemory, subscribe_ends_a_program_that_has_no_exceptions) {
  const auto bus = shared_bus<std::string>(2);
  const auto subscribe = [&bus] {
    const NoMemory none;
    (void)bus.subscribe();
  };
  EXPECT_EXIT(subscribe(), testing::KilledBySignal(SIGABRT), "");
}
#endif

TEST(WithoutMemory, a_publisher_whose_nodes_are_all_held_refuses_until_one_is_given_back) {
  const auto bus = shared_bus<std::string>(2);
  auto subscriber = bus.subscribe();
  auto publisher = bus.publisher().value();
  std::vector<Borrowed<std::string>> held;
  held.reserve(5000);
  const auto publish_and_hold = [&](std::size_t most) {
    while (held.size() < most && publisher.publish("held") == 1) {
      held.push_back(std::move(subscriber.try_borrow().value()));
    }
  };
  publish_and_hold(5000);  // so that there is a cell for each
  ASSERT_EQ(held.size(), 5000U);
  held.clear();
  auto other = bus.publisher().value();
  {
    const NoMemory none;
    std::size_t count = 0;
    while (count < 5000 && other.publish("held") == 1) {
      held.push_back(std::move(subscriber.try_borrow().value()));
      ++count;
    }
    EXPECT_LT(count, 5000U);
    std::string kept(100, 'k');
    EXPECT_EQ(other.try_publish(std::move(kept)).error(), PublishError::OutOfMemory);
    EXPECT_EQ(kept, std::string(100, 'k'));  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(publisher.publish("another"), 1U) << "each has nodes of its own";
    held.erase(held.begin(), held.begin() + 10);
    EXPECT_EQ(other.publish("again"), 1U);
  }
  EXPECT_EQ(other.publish("again"), 1U);
}

}  // namespace
}  // namespace ron::test

// Replaced for the tests above; they take the memory from where they always do.

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return ron::test::NoMemory::refuses() ? nullptr : ::operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return ron::test::NoMemory::refuses() ? nullptr : ::operator new[](size);
}
void* operator new(std::size_t size, std::align_val_t alignment,
                   const std::nothrow_t& /*tag*/) noexcept {
  return ron::test::NoMemory::refuses() ? nullptr : ::operator new(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment,
                     const std::nothrow_t& /*tag*/) noexcept {
  return ron::test::NoMemory::refuses() ? nullptr : ::operator new[](size, alignment);
}
