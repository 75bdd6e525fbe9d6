// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/subscriber_series.hpp"

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace {

using namespace ron::prometheus;
using ron::BusSnapshot;
using ron::SubscriberInfo;

/// Subscribers of the same name are the same one, unless an id is given.
SubscriberInfo subscriber(std::string name, std::uint64_t received, std::uint64_t behind = 0,
                          std::uint64_t id = 0) {
  SubscriberInfo info;
  info.id = id != 0 ? id : std::hash<std::string>{}(name);
  info.name = std::move(name);
  info.received = received;
  info.behind = behind;
  return info;
}

/// A bus of which subscribers have gone that received so much.
BusSnapshot snapshot(std::vector<SubscriberInfo> present, std::uint64_t received_by_gone = 0) {
  BusSnapshot all;
  all.received = received_by_gone;
  for (const auto& info : present) all.received += info.received;
  all.subscribers = std::move(present);
  return all;
}

std::map<std::string, std::uint64_t> received(const std::vector<SubscriberSeries>& all) {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& series : all) counts[series.label] = series.counts[Received];
  EXPECT_EQ(counts.size(), all.size()) << "each label once";
  return counts;
}

using Received_ = std::map<std::string, std::uint64_t>;

TEST(SubscriberLabels, subscribers_of_one_name_are_summed) {
  SubscriberLabels labels{10};
  const auto all = labels.update(snapshot(
      {subscriber("a", 1, 7), subscriber("b", 2), subscriber("a", 4, 3), subscriber("", 8)}));
  EXPECT_EQ(received(all), (Received_{{"a", 5}, {"b", 2}, {"unnamed", 8}}));
  EXPECT_EQ(all.front().present->behind, 7) << "of the one that is furthest behind";
}

TEST(SubscriberLabels, names_beyond_the_limit_are_summed_and_stay_so) {
  SubscriberLabels labels{2};
  auto all = labels.update(snapshot(
      {subscriber("a", 1), subscriber("b", 2), subscriber("c", 4, 9), subscriber("d", 8)}));
  EXPECT_EQ(received(all), (Received_{{"a", 1}, {"b", 2}, {"(other)", 12}}));
  EXPECT_EQ(all.back().present->behind, 9);
  all = labels.update(snapshot({subscriber("c", 5), subscriber("d", 8)}, 3));
  EXPECT_EQ(received(all), (Received_{{"a", 1}, {"b", 2}, {"(other)", 13}}));
  EXPECT_FALSE(all.front().present) << "a is gone, its count is not";
}

TEST(SubscriberLabels, what_the_gone_did_after_they_were_seen_is_other) {
  SubscriberLabels labels{2};
  (void)labels.update(snapshot({subscriber("a", 10)}));
  EXPECT_EQ(received(labels.update(snapshot({}, 15))), (Received_{{"a", 10}, {"(other)", 5}}));
  EXPECT_EQ(received(labels.update(snapshot({subscriber("a", 30, 0, 1)}, 15))),
            (Received_{{"a", 40}, {"(other)", 5}}))
      << "another one";
}

TEST(SubscriberLabels, a_snapshot_that_tells_less_than_the_one_before_takes_nothing_back) {
  SubscriberLabels labels{1};
  (void)labels.update(snapshot({subscriber("a", 10), subscriber("b", 4)}));
  BusSnapshot early = snapshot({subscriber("a", 8), subscriber("b", 4)});
  early.received = 9;
  EXPECT_EQ(received(labels.update(early)), (Received_{{"a", 10}, {"(other)", 4}}));
  EXPECT_EQ(received(labels.update(snapshot({subscriber("a", 10), subscriber("b", 5)}))),
            (Received_{{"a", 10}, {"(other)", 5}}));
}

TEST(SubscriberLabels, wakeups_that_nobody_has_shown_yet_are_nobodys) {
  SubscriberLabels labels{1};
  BusSnapshot now = snapshot({subscriber("a", 1)});
  now.subscribers.front().wakeups = 5;
  now.wakeups = 6;
  EXPECT_EQ(labels.update(now).size(), 1U);
  now.subscribers.push_back(subscriber("b", 0));
  now.subscribers.back().wakeups = 3;
  EXPECT_EQ(labels.update(now).back().counts[Wakeups], 3U);
}

TEST(SubscriberLabels, a_subscriber_called_other_is_one_of_the_others) {
  SubscriberLabels labels{2};
  EXPECT_EQ(received(labels.update(snapshot({subscriber("(other)", 3)}, 4))),
            (Received_{{"(other)", 7}}));
}

TEST(SubscriberLabels, sums_are_exact_and_no_series_falls_while_subscribers_come_and_go) {
  std::mt19937 random{20'240'501};
  const auto below = [&](std::size_t bound) { return random() % bound; };
  const std::vector<std::string> names{"a", "b", "c", "d", "e", ""};
  SubscriberLabels labels{3};
  std::vector<SubscriberInfo> present;
  std::uint64_t of_gone = 0;
  Received_ before;
  std::uint64_t ids = 0;
  for (int round = 0; round < 2000; ++round) {
    if (below(4) == 0) present.push_back(subscriber(names[below(names.size())], 0, 0, ++ids));
    for (auto& info : present) info.received += below(100);
    if (!present.empty() && below(4) == 0) {
      std::swap(present[below(present.size())], present.back());
      of_gone += present.back().received;
      present.pop_back();
    }
    const BusSnapshot now = snapshot(present, of_gone);
    const Received_ counts = received(labels.update(now));
    std::uint64_t sum = 0;
    for (const auto& [label, count] : counts) {
      sum += count;
      ASSERT_GE(count, before[label]) << label << " in round " << round;
      before[label] = count;
    }
    ASSERT_EQ(sum, now.received);
    ASSERT_LE(counts.size(), 4U);
  }
}

}  // namespace
