// SPDX-License-Identifier: MIT OR Apache-2.0
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include "ronbus/builder.hpp"
#include "ronbus/prometheus.hpp"

namespace {

using ron::BusSnapshot;
using ron::Distribution;
using ron::SubscriberInfo;
using ron::prometheus::Collector;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const Collector& collector) {
  return prometheus::TextSerializer{}.Serialize(collector.Collect());
}

Distribution distribution(const std::vector<std::uint64_t>& values) {
  std::vector<std::uint64_t> counts(Distribution::kBuckets);
  std::uint64_t sum = 0;
  for (const std::uint64_t value : values) {
    ++counts[Distribution::bucket_of(value)];
    sum += value;
  }
  return {std::move(counts), sum};
}

/// A bus of which everything is known that can be.
BusSnapshot full_snapshot() {
  BusSnapshot bus;
  bus.name = "orders";
  bus.mode = ron::BusMode::Edge;
  bus.published = 1000;
  bus.refused = 1;
  bus.unheard = 2;
  bus.notifications = 300;
  bus.received = 900;
  bus.filtered = 50;
  bus.missed = 40;
  bus.lags = 5;
  bus.episodes = 4;
  bus.wakeups = 3;
  bus.publishers = 2;
  bus.capacity = 64;
  bus.requested_capacity = 50;
  bus.retained = 64;
  bus.depth = 10;
  bus.publish_ns = distribution({10, 16, 100});
  bus.end_to_end_ns = distribution({1000});
  bus.batch_sizes = distribution({1, 1, 8});
  SubscriberInfo info;
  info.name = "log";
  info.behind = 10;
  info.most_behind = 70;
  info.received = 800;
  info.missed = 40;
  info.episode = ron::LagEpisode{};
  info.distance = distribution({1, 2, 3});
  bus.subscribers = {info};
  return bus;
}

TEST(Collector, tells_what_a_snapshot_tells) {
  Collector collector;
  collector.add_source([] { return std::optional{full_snapshot()}; });
  const std::string text = text_of(collector);
  for (const char* line : {
           "ron_bus_publish_total{bus=\"orders\",mode=\"edge\"} 1000\n",
           "ron_bus_publish_refused_total{bus=\"orders\",mode=\"edge\"} 1\n",
           "ron_bus_publish_unheard_total{bus=\"orders\",mode=\"edge\"} 2\n",
           "ron_bus_notifications_total{bus=\"orders\",mode=\"edge\",result=\"sent\"} 300\n",
           "ron_bus_notifications_total{bus=\"orders\",mode=\"edge\",result=\"suppressed\"} 700\n",
           "ron_bus_receive_total{bus=\"orders\",mode=\"edge\",subscriber=\"log\"} 800\n",
           "ron_bus_receive_total{bus=\"orders\",mode=\"edge\",subscriber=\"(other)\"} 100\n",
           "ron_bus_drop_lagged_total{bus=\"orders\",mode=\"edge\",subscriber=\"log\"} 40\n",
           "ron_bus_drop_lagged_total{bus=\"orders\",mode=\"edge\",subscriber=\"(other)\"} 0\n",
           "ron_bus_subscriber_lagging{bus=\"orders\",mode=\"edge\",subscriber=\"log\"} 1\n",
           "ron_bus_subscriber_behind{bus=\"orders\",mode=\"edge\",subscriber=\"log\"} 10\n",
           "subscriber_behind_quantile{bus=\"orders\",mode=\"edge\",subscriber=\"log\",quantile="
           "\"0.5\"} 2\n",
           "ron_bus_ring_depth{bus=\"orders\",mode=\"edge\"} 10\n",
           "ron_bus_capacity_requested{bus=\"orders\",mode=\"edge\"} 50\n",
           "ron_bus_publish_ns_bucket{bus=\"orders\",mode=\"edge\",le=\"15\"} 1\n",
           "ron_bus_publish_ns_bucket{bus=\"orders\",mode=\"edge\",le=\"31\"} 2\n",
           "ron_bus_publish_ns_bucket{bus=\"orders\",mode=\"edge\",le=\"+Inf\"} 3\n",
           "ron_bus_publish_ns_sum{bus=\"orders\",mode=\"edge\"} 126\n",
           "ron_bus_batch_size_bucket{bus=\"orders\",mode=\"edge\",le=\"1\"} 2\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(
      text, Not(HasSubstr("subscriber_behind{bus=\"orders\",mode=\"edge\",subscriber=\"(other)")));
}

TEST(Collector, buses_that_share_a_name_get_labels_of_their_own_while_they_are_there) {
  Collector collector;
  std::vector<std::optional<BusSnapshot>> buses(3, BusSnapshot{});
  buses[2]->name = "a\xFF";
  for (auto& bus : buses) collector.add_source([&bus] { return bus; });
  EXPECT_THAT(text_of(collector), AllOf(HasSubstr("publish_total{bus=\"bus\","),
                                        HasSubstr("publish_total{bus=\"bus-2\","),
                                        HasSubstr("publish_total{bus=\"a\uFFFD\",")));
  buses[0].reset();
  EXPECT_THAT(text_of(collector), AllOf(Not(HasSubstr("bus=\"bus\"")), HasSubstr("bus=\"bus-2\"")));
  BusSnapshot next;
  collector.add_source([&next] { return std::optional{next}; });
  EXPECT_THAT(text_of(collector), AllOf(HasSubstr("bus=\"bus\""), HasSubstr("bus=\"bus-2\""),
                                        Not(HasSubstr("bus=\"bus-3\""))));
}

TEST(Collector, a_bus_is_told_exactly_whenever_it_is_quiet_and_until_it_is_gone) {
  auto bus = ron::BusBuilder{}.name("real").cap(4).build<int>();
  ASSERT_TRUE(bus);
  Collector collector;
  collector.add(*bus);
  bus->publish(0);
  auto subscriber = bus->subscribe({.name = "sub"});
  for (int i = 0; i < 10; ++i) bus->publish(i);
  EXPECT_FALSE(subscriber.try_recv()) << "lagged";
  EXPECT_TRUE(subscriber.try_recv());
  EXPECT_THAT(
      text_of(collector),
      AllOf(HasSubstr("ron_bus_publish_total{bus=\"real\",mode=\"classic\"} 11\n"),
            HasSubstr("ron_bus_publish_unheard_total{bus=\"real\",mode=\"classic\"} 1\n"),
            HasSubstr("drop_lagged_total{bus=\"real\",mode=\"classic\",subscriber=\"sub\"} 6\n"),
            HasSubstr("receive_total{bus=\"real\",mode=\"classic\",subscriber=\"sub\"} 1\n"),
            HasSubstr("subscriber_behind{bus=\"real\",mode=\"classic\",subscriber=\"sub\"} 3\n")));
  bus->close();
  EXPECT_THAT(text_of(collector), HasSubstr("ron_bus_closed{bus=\"real\",mode=\"classic\"} 1\n"));
  *bus = ron::BusBuilder{}.build<int>().value();
  EXPECT_THAT(text_of(collector), Not(HasSubstr("bus=\"real\"")));
}

/// Name, type and labels of each row of the table in docs/METRICS.md.
std::map<std::string, std::pair<std::string, std::string>> documented() {
  std::map<std::string, std::pair<std::string, std::string>> rows;
  std::ifstream document{RONBUS_METRICS_DOCUMENT};
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with("| `ron_bus_")) continue;
    std::vector<std::string> cells;
    std::size_t from = 2;
    for (std::size_t bar = 0; (bar = line.find(" |", from)) != std::string::npos; from = bar + 3) {
      cells.push_back(line.substr(from, bar - from));
    }
    if (cells.size() < 5) continue;
    rows[cells[0].substr(1, cells[0].size() - 2)] = {cells[1], cells[2]};
  }
  return rows;
}

TEST(Collector, the_documentation_lists_what_is_exposed) {
  Collector collector;
  collector.add_source([] { return std::optional{full_snapshot()}; });
  std::map<std::string, std::pair<std::string, std::string>> exposed;
  for (const auto& family : collector.Collect()) {
    std::string labels;
    for (const auto& label : family.metric.front().label) {
      labels += (labels.empty() ? "`" : ", `") + label.name + '`';
    }
    const std::map<prometheus::MetricType, std::string> types{
        {prometheus::MetricType::Counter, "counter"},
        {prometheus::MetricType::Gauge, "gauge"},
        {prometheus::MetricType::Histogram, "histogram"}};
    exposed[family.name] = {types.at(family.type), labels};
  }
  EXPECT_EQ(documented(), exposed);
}

}  // namespace
