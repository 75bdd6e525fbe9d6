// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/watch/watch.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace ron::cli::watch {
namespace {

using namespace std::chrono_literals;

SubscriberReading subscriber(const std::string& name, std::uint64_t received, std::uint64_t missed,
                             std::uint64_t behind = 0) {
  return {.name = name, .behind = behind, .received = received, .missed = missed};
}

class WatchTest : public testing::Test {
 protected:
  /// Takes a reading so much later.
  const WatchedBus& take(std::uint64_t published, std::vector<SubscriberReading> subscribers,
                         std::chrono::milliseconds later = 2s) {
    BusReading bus;
    bus.published = published;
    bus.capacity = 100;
    bus.subscribers = std::move(subscribers);
    now_ += later;
    watch_.take({bus}, now_);
    return watch_.buses().front();
  }

  Watch::Clock::time_point now_ = Watch::Clock::time_point{} + 1h;
  Watch watch_;
};

TEST_F(WatchTest, rates_are_differences_over_the_time_between) {
  const WatchedBus& first = take(1000, {subscriber("s", 900, 10)});
  EXPECT_FALSE(first.published_rate.has_value());
  EXPECT_FALSE(first.rates.missed.has_value());
  EXPECT_FALSE(first.subscribers[0].rates.received.has_value());
  const WatchedBus& second = take(3000, {subscriber("s", 1900, 110)});
  EXPECT_DOUBLE_EQ(second.published_rate.value(), 1000);
  EXPECT_DOUBLE_EQ(second.rates.missed.value(), 50);
  EXPECT_DOUBLE_EQ(second.subscribers[0].rates.received.value(), 500);
  EXPECT_DOUBLE_EQ(second.subscribers[0].rates.missed.value(), 50);
  EXPECT_EQ(watch_.restarts(), 0U);
}

TEST_F(WatchTest, counts_that_fall_are_a_restart_and_give_no_rate) {
  take(1000, {subscriber("s", 900, 10)});
  const WatchedBus& anew = take(5, {subscriber("s", 5, 0)});
  EXPECT_EQ(watch_.restarts(), 1U);
  EXPECT_FALSE(anew.published_rate.has_value());
  EXPECT_FALSE(anew.subscribers[0].rates.received.has_value());
  EXPECT_EQ(anew.history.size(), 2U);
  EXPECT_DOUBLE_EQ(take(25, {subscriber("s", 25, 0)}).published_rate.value(), 10);
  EXPECT_EQ(watch_.restarts(), 1U);
}

TEST_F(WatchTest, a_bus_that_nobody_subscribes_to_restarts_like_any_other) {
  take(1000, {});
  EXPECT_FALSE(take(5, {}).published_rate.has_value());
  EXPECT_EQ(watch_.restarts(), 1U);
}

TEST_F(WatchTest, who_comes_has_counted_since_the_reading_before) {
  take(100, {});
  const WatchedBus& bus = take(110, {subscriber("s", 8, 2)});
  EXPECT_EQ(watch_.restarts(), 0U);
  EXPECT_DOUBLE_EQ(bus.subscribers[0].rates.received.value(), 4);
  EXPECT_DOUBLE_EQ(bus.subscribers[0].rates.missed.value(), 1);
}

TEST_F(WatchTest, history_is_the_share_of_the_capacity_and_whether_something_was_lost) {
  take(0, {subscriber("s", 0, 0)});
  take(100, {subscriber("s", 50, 0, 50)});
  const WatchedBus& bus = take(400, {subscriber("s", 60, 180, 160)});
  EXPECT_EQ(bus.subscribers[0].history, (History{{.share = 0, .lost = false},
                                                 {.share = 0.5, .lost = false},
                                                 {.share = 1, .lost = true}}));
  for (std::size_t i = 0; i < 2 * Watch::kMoments; ++i) take(400, {subscriber("s", 60, 180)});
  EXPECT_EQ(watch_.buses().front().subscribers[0].history.size(), Watch::kMoments);
}

TEST_F(WatchTest, latency_is_of_what_was_observed_between_two_readings) {
  const double infinite = std::numeric_limits<double>::infinity();
  const auto at = [this](Histogram buckets) -> const WatchedBus& {
    BusReading bus;
    bus.end_to_end_ns = std::move(buckets);
    now_ += 1s;
    watch_.take({bus}, now_);
    return watch_.buses().front();
  };
  at({{1, 1000}, {3, 1000}, {7, 1000}, {infinite, 1000}});
  const WatchedBus& bus = at({{1, 1000}, {3, 1098}, {7, 1100}, {infinite, 1100}});
  ASSERT_TRUE(bus.end_to_end.has_value());
  EXPECT_NEAR(bus.end_to_end->p50, 1 + 2 * 50.0 / 98, 1e-9);
  EXPECT_NEAR(bus.end_to_end->p99, 3 + 4 * 0.5, 1e-9);
  EXPECT_FALSE(at({{1, 1000}, {3, 1098}, {7, 1100}, {infinite, 1100}}).end_to_end.has_value());
  // What is beyond all bounds is at least the last of them.
  EXPECT_EQ(at({{1, 1000}, {3, 1098}, {7, 1100}, {infinite, 1200}}).end_to_end->p50, 7);
}

}  // namespace
}  // namespace ron::cli::watch
