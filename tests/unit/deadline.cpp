// SPDX-License-Identifier: MIT OR Apache-2.0
#include <chrono>
#include <cstddef>
#include <ratio>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include <ronbus/deadline.hpp>
#include <ronbus/shared_bytes.hpp>

namespace ron::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using std::chrono::system_clock;

bool has_passed(const AnyDeadline& deadline) {
  return deadline.point() && *deadline.point() <= steady_clock::now();
}
bool is_ahead_of(const AnyDeadline& deadline, steady_clock::time_point point) {
  return !deadline.point() || *deadline.point() > point;
}

TEST(Deadline, is_never_by_default) { EXPECT_FALSE(AnyDeadline{}.point().has_value()); }

TEST(Deadline, is_a_duration_from_now_and_never_earlier) {
  const auto before = steady_clock::now();
  EXPECT_GE(*AnyDeadline{5ms}.point(), before + 5ms);
  using Thirds = std::chrono::duration<int, std::ratio<1, 3'000'000'000>>;
  EXPECT_GT(*AnyDeadline{Thirds{1}}.point(), before) << "rounded up";
  EXPECT_GE(*AnyDeadline{std::chrono::duration<double>{0.25}}.point(), before + 250ms);
}

TEST(Deadline, of_the_past_has_passed) {
  EXPECT_TRUE(has_passed(0ns));
  EXPECT_TRUE(has_passed(-1h));
  EXPECT_TRUE(has_passed(steady_clock::now() - 1s));
  EXPECT_TRUE(has_passed(system_clock::now() - 1s));
}

TEST(Deadline, as_far_in_the_past_as_can_be_said_has_passed) {
  EXPECT_TRUE(has_passed(steady_clock::time_point::min()));
  EXPECT_TRUE(has_passed(system_clock::time_point::min()));
  EXPECT_TRUE(has_passed(std::chrono::sys_time<std::chrono::hours>::min()));
  EXPECT_TRUE(has_passed(steady_clock::duration::min()));
  EXPECT_TRUE(has_passed(std::chrono::hours::min()));
  EXPECT_TRUE(has_passed(std::chrono::duration<double>{-1e300}));
}

TEST(Deadline, as_far_in_the_future_as_can_be_said_is_far_away) {
  const auto far = steady_clock::now() + std::chrono::years{100};
  EXPECT_TRUE(is_ahead_of(steady_clock::time_point::max(), far));
  EXPECT_TRUE(is_ahead_of(system_clock::time_point::max(), far));
  EXPECT_TRUE(is_ahead_of(std::chrono::sys_time<std::chrono::hours>::max(), far));
  EXPECT_TRUE(is_ahead_of(steady_clock::duration::max(), far));
  EXPECT_TRUE(is_ahead_of(std::chrono::hours::max(), far));
  EXPECT_TRUE(is_ahead_of(std::chrono::duration<double>{1e300}, far));
}

TEST(Deadline, of_another_clock_is_converted) {
  const auto before = steady_clock::now();
  const AnyDeadline deadline{system_clock::now() + 1h};
  EXPECT_GT(*deadline.point(), before + 59min);
  EXPECT_LT(*deadline.point(), steady_clock::now() + 61min);
}

TEST(SharedBytes, are_a_copy_of_what_was_given) {
  std::string text{"some\0bytes", 10};
  const SharedBytes bytes = SharedBytes::copy_of(text);
  text.assign(text.size(), 'x');
  EXPECT_EQ(bytes.text(), std::string_view("some\0bytes", 10));
  EXPECT_EQ(bytes.size(), 10U);
  EXPECT_FALSE(bytes.empty());
  EXPECT_EQ(bytes.bytes()[4], std::byte{0});
}

TEST(SharedBytes, may_be_empty) {
  EXPECT_TRUE(SharedBytes{}.empty());
  EXPECT_EQ(SharedBytes{}.text(), "");
  EXPECT_TRUE(SharedBytes::copy_of("").empty());
  EXPECT_TRUE(SharedBytes::copy_of("").part(0, 0).empty());
}

TEST(SharedBytes, copies_and_parts_share_the_buffer_and_keep_it) {
  SharedBytes part;
  const std::byte* data = nullptr;
  {
    const SharedBytes whole = SharedBytes::copy_of("hello, world");
    const SharedBytes copy = whole;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_EQ(copy.bytes().data(), whole.bytes().data());
    data = whole.bytes().data();
    part = copy.part(7, 5);
  }
  EXPECT_EQ(part.text(), "world");
  EXPECT_EQ(part.bytes().data(), data + 7);
  EXPECT_EQ(part.part(1, 3).text(), "orl");
}

TEST(SharedBytes, may_view_what_somebody_else_owns) {
  auto owner = std::make_shared<std::string>("owned elsewhere");
  const std::weak_ptr<std::string> watch{owner};
  {
    const SharedBytes bytes{owner, std::as_bytes(std::span{*owner})};
    owner.reset();
    EXPECT_EQ(bytes.text(), "owned elsewhere");
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace ron::test
