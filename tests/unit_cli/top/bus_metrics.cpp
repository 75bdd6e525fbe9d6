// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/top/bus_metrics.hpp"

#include <limits>
#include <string_view>

#include <gtest/gtest.h>

namespace ron::cli::top {
namespace {

using watch::Bucket;

TEST(BusMetrics, every_metric_reaches_its_place) {
  const auto reading = reading_of(
      "go_threads 7\n"
      "ron_bus_build_info{version=\"1\"} 1\n"
      "ron_bus_publish_total{bus=\"b\",mode=\"edge\"} 1000\n"
      "ron_bus_publish_refused_total{bus=\"b\",mode=\"edge\"} 2\n"
      "ron_bus_publish_unheard_total{bus=\"b\",mode=\"edge\"} 3\n"
      "ron_bus_notifications_total{bus=\"b\",mode=\"edge\",result=\"sent\"} 4\n"
      "ron_bus_notifications_total{bus=\"b\",mode=\"edge\",result=\"suppressed\"} 996\n"
      "ron_bus_capacity{bus=\"b\",mode=\"edge\"} 64\n"
      "ron_bus_capacity_requested{bus=\"b\",mode=\"edge\"} 60\n"
      "ron_bus_retained{bus=\"b\",mode=\"edge\"} 63\n"
      "ron_bus_ring_depth{bus=\"b\",mode=\"edge\"} 62\n"
      "ron_bus_publishers{bus=\"b\",mode=\"edge\"} 5\n"
      "ron_bus_subscribers{bus=\"b\",mode=\"edge\"} 6\n"
      "ron_bus_closed{bus=\"b\",mode=\"edge\"} 1\n"
      "ron_bus_receive_total{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 11\n"
      "ron_bus_filtered_total{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 12\n"
      "ron_bus_drop_lagged_total{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 13\n"
      "ron_bus_lag_reports_total{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 14\n"
      "ron_bus_lag_episodes_total{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 15\n"
      "ron_bus_subscriber_wakeups_total{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 16\n"
      "ron_bus_subscriber_behind{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 17\n"
      "ron_bus_subscriber_behind_max{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 18\n"
      "ron_bus_subscriber_lagging{bus=\"b\",mode=\"edge\",subscriber=\"s\"} 1\n"
      "ron_bus_publish_ns_bucket{bus=\"b\",mode=\"edge\",le=\"+Inf\"} 9\n"
      "ron_bus_publish_ns_bucket{bus=\"b\",mode=\"edge\",le=\"63\"} 8\n"
      "ron_bus_publish_ns_sum{bus=\"b\",mode=\"edge\"} 300.5\n");
  ASSERT_TRUE(reading.has_value()) << reading.error();
  watch::BusReading bus{.name = "b",
                        .mode = "edge",
                        .closed = true,
                        .published = 1000,
                        .refused = 2,
                        .unheard = 3,
                        .notifications = 4,
                        .capacity = 64,
                        .retained = 63,
                        .depth = 62,
                        .publishers = 5,
                        .subscriber_count = 6,
                        .publish_ns = {},
                        .end_to_end_ns = {},
                        .subscribers = {}};
  bus.publish_ns = {{.bound = 63, .count = 8},
                    {.bound = std::numeric_limits<double>::infinity(), .count = 9}};
  bus.subscribers.push_back({.name = "s",
                             .behind = 17,
                             .most_behind = 18,
                             .lagging = true,
                             .received = 11,
                             .filtered = 12,
                             .missed = 13,
                             .lags = 14,
                             .episodes = 15,
                             .wakeups = 16});
  EXPECT_EQ(*reading, watch::Reading{bus});
}

TEST(BusMetrics, buses_and_subscribers_with_equal_names_are_kept_apart) {
  const auto reading = reading_of(
      "ron_bus_receive_total{bus=\"a\",subscriber=\"x\"} 1\n"
      "ron_bus_receive_total{bus=\"a\",subscriber=\"y\"} 2\n"
      "ron_bus_receive_total{bus=\"b\",mode=\"edge\",subscriber=\"x\"} 3\n"
      "ron_bus_receive_total{bus=\"b\",mode=\"batched\",subscriber=\"x\"} 4\n");
  ASSERT_TRUE(reading.has_value()) << reading.error();
  ASSERT_EQ(reading->size(), 3U);
  EXPECT_EQ(reading->at(0).subscribers.at(1).received, 2U);
  EXPECT_EQ(reading->at(1).subscribers.at(0).received, 3U);
  EXPECT_EQ(reading->at(2).mode, "batched");
}

TEST(BusMetrics, who_has_counts_and_is_behind_nothing_is_gone) {
  const auto reading = reading_of(
      "ron_bus_receive_total{bus=\"a\",subscriber=\"here\"} 1\n"
      "ron_bus_subscriber_behind{bus=\"a\",subscriber=\"here\"} 0\n"
      "ron_bus_receive_total{bus=\"a\",subscriber=\"gone\"} 1\n");
  ASSERT_TRUE(reading.has_value()) << reading.error();
  EXPECT_TRUE(reading->at(0).subscribers.at(0).present);
  EXPECT_FALSE(reading->at(0).subscribers.at(1).present);
}

TEST(BusMetrics, what_does_not_fit_is_refused_with_its_line) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  constexpr Case kCases[] = {
      {"", "there are no metrics of ron-bus (ron_bus_...)"},
      {"up 1\n", "there are no metrics of ron-bus (ron_bus_...)"},
      {"\nron_bus_publish_total{bus=\"a\"} -1\n",
       "line 2: ron_bus_publish_total is -1, which is no count"},
      {"ron_bus_ring_depth{bus=\"a\"} 0.5\n",
       "line 1: ron_bus_ring_depth is 0.5, which is no count"},
      {"ron_bus_ring_depth{bus=\"a\"} NaN\n",
       "line 1: ron_bus_ring_depth is nan, which is no count"},
      {"ron_bus_ring_depth{bus=\"a\"} 1e20\n",
       "line 1: ron_bus_ring_depth is 1e+20, which is no count"},
      {"ron_bus_publish_total 1\n", "line 1: ron_bus_publish_total has no label bus"},
      {"ron_bus_receive_total{bus=\"a\"} 1\n",
       "line 1: ron_bus_receive_total has no label subscriber"},
      {"ron_bus_publish_ns_bucket{bus=\"a\"} 1\n",
       "line 1: ron_bus_publish_ns_bucket has no label le"},
      {"ron_bus_publish_ns_bucket{bus=\"a\",le=\"x\"} 1\n",
       "line 1: the label le of ron_bus_publish_ns_bucket is no number"},
      {"ron_bus_capacity{bus=\"a\"} 1\nron_bus_capacity{bus=\"a\"} 1\n",
       "line 2: ron_bus_capacity repeats what line 1 said"},
      {"ron_bus_receive_total{bus=\"a\",subscriber=\"s\"} 1\n"
       "ron_bus_receive_total{bus=\"a\",subscriber=\"s\"} 1\n",
       "line 2: ron_bus_receive_total repeats what line 1 said"},
  };
  for (const auto& [text, error] : kCases) {
    const auto reading = reading_of(text);
    ASSERT_FALSE(reading.has_value()) << text;
    EXPECT_EQ(reading.error(), error);
  }
}

TEST(BusMetrics, a_program_without_a_bus_yet_is_none_the_less_one_of_ours) {
  const auto reading = reading_of("ron_bus_build_info{version=\"1\"} 1\n");
  ASSERT_TRUE(reading.has_value()) << reading.error();
  EXPECT_TRUE(reading->empty());
}

}  // namespace
}  // namespace ron::cli::top
