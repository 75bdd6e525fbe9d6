// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "buses.hpp"

namespace ron::test {
namespace {

constexpr std::size_t kCapacity = 8;

class Episodes : public testing::Test {
 public:
  void publish(int count) {
    for (int i = 0; i < count; ++i) bus_.publish(std::uint64_t(i));
  }
  /// Receives until there is nothing; returns how often Lagged was told.
  int read_all() {
    int lags = 0;
    for (;;) {
      const auto message = subscriber_.try_recv();
      if (message) continue;
      if (message.error() == RecvError::Empty) return lags;
      ++lags;
    }
  }
  [[nodiscard]] SubscriberInfo info() const { return bus_.subscribers().front(); }

 protected:
  Bus<std::uint64_t> bus_ = BusBuilder{}.cap(kCapacity).build<std::uint64_t>().value();
  std::vector<LagEpisode> told_;
  Subscriber<std::uint64_t> subscriber_ = bus_.subscribe(
      {.on_lag_episode = [this](const LagEpisode& episode) { told_.push_back(episode); }});
};

TEST_F(Episodes, the_handler_is_called_once_however_often_lag_is_told) {
  publish(20);
  EXPECT_FALSE(subscriber_.try_recv());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(subscriber_.try_recv());
    publish(4);
    EXPECT_EQ(subscriber_.try_recv().error(), RecvError::lagged(3));
  }
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_.front().missed, 12U);
  EXPECT_FALSE(told_.front().over);
}

TEST_F(Episodes, it_is_called_again_after_nothing_was_left_to_read) {
  for (std::size_t round = 1; round <= 3; ++round) {
    publish(2 * kCapacity);
    EXPECT_EQ(read_all(), 1);
    EXPECT_EQ(told_.size(), round);
  }
}

TEST_F(Episodes, it_is_called_again_after_as_many_in_a_row_as_are_retained) {
  publish(2 * kCapacity);
  EXPECT_FALSE(subscriber_.try_recv());
  for (std::size_t i = 0; i < kCapacity; ++i) {
    ASSERT_TRUE(subscriber_.try_recv());
    publish(1);
  }
  EXPECT_TRUE(info().episode->over) << "seen from outside, too";
  publish(1);
  EXPECT_EQ(subscriber_.try_recv().error(), RecvError::lagged(1));
  EXPECT_EQ(told_.size(), 2U);
}

TEST_F(Episodes, one_message_fewer_in_a_row_does_not_end_it) {
  publish(2 * kCapacity);
  EXPECT_FALSE(subscriber_.try_recv());
  for (std::size_t i = 1; i < kCapacity; ++i) {
    ASSERT_TRUE(subscriber_.try_recv());
    publish(1);
  }
  EXPECT_FALSE(info().episode->over);
  publish(1);
  EXPECT_EQ(subscriber_.try_recv().error(), RecvError::lagged(1));
  EXPECT_EQ(told_.size(), 1U);
  EXPECT_EQ(info().episode->missed, kCapacity + 1);
}

TEST_F(Episodes, a_wait_that_times_out_ends_it) {
  auto newest = bus_.subscribe({.on_lag = OnLag::ToNewest, .name = "newest"});
  publish(2 * kCapacity);
  EXPECT_FALSE(newest.recv());
  ASSERT_TRUE(newest.recv());
  const auto is_lagging = [this] {
    return std::ranges::any_of(bus_.subscribers(), [](const SubscriberInfo& each) {
      return each.name == "newest" && each.is_lagging();
    });
  };
  EXPECT_TRUE(is_lagging());
  EXPECT_EQ(newest.recv_for(std::chrono::nanoseconds{1}).error(), RecvError::Timeout);
  EXPECT_FALSE(is_lagging());
}

TEST_F(Episodes, times_are_those_of_the_episode) {
  const auto before = std::chrono::system_clock::now();
  publish(2 * kCapacity);
  read_all();
  const LagEpisode episode = *info().episode;
  EXPECT_GE(episode.began, before);
  EXPECT_LE(episode.began, std::chrono::system_clock::now());
  EXPECT_GT(episode.length.count(), 0);
  EXPECT_TRUE(episode.over);
  EXPECT_EQ(info().most_behind, 2 * kCapacity);
}

#if defined(__cpp_exceptions)
TEST_F(Episodes, what_a_handler_throws_reaches_the_caller_and_the_loss_is_counted) {
  auto subscriber =
      bus_.subscribe({.on_lag_episode = [](const LagEpisode&) { throw std::runtime_error{"no"}; }});
  publish(kCapacity + 3);
  EXPECT_THROW(static_cast<void>(subscriber.try_recv()), std::runtime_error);
  EXPECT_EQ(subscriber.missed(), 3U);
  EXPECT_TRUE(subscriber.try_recv()) << "goes on behind the loss";
}
#endif

TEST_F(Episodes, a_resubscribed_one_tells_the_same_handler) {
  auto another = subscriber_.resubscribe();
  publish(kCapacity + 1);
  EXPECT_FALSE(another.try_recv());
  EXPECT_EQ(told_.size(), 1U);
}

}  // namespace
}  // namespace ron::test
