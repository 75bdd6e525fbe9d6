// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/exposition.hpp"

#include <array>
#include <string>
#include <utility>

#include <prometheus/metric_type.h>

namespace ron::prometheus {

namespace {

using Type = ::prometheus::MetricType;

struct Description {
  Metric metric;
  std::string_view name;
  Type type;
  std::string_view help;
};

// In the order of `Metric`.
constexpr std::array kDescriptions{
    Description{Metric::Published, "publish_total", Type::Counter, "Messages published."},
    Description{Metric::Refused, "publish_refused_total", Type::Counter,
                "Messages refused: the bus was closed, another publisher busy or memory short."},
    Description{Metric::Unheard, "publish_unheard_total", Type::Counter,
                "Messages published while nobody subscribed."},
    Description{Metric::Received, "receive_total", Type::Counter, "Messages received."},
    Description{Metric::Filtered, "filtered_total", Type::Counter,
                "Messages that subscribers passed over, because they did not want them."},
    Description{Metric::Missed, "drop_lagged_total", Type::Counter,
                "Messages that were overwritten before the subscriber read them."},
    Description{Metric::LagReports, "lag_reports_total", Type::Counter,
                "How often a receive reported that messages were missed."},
    Description{Metric::LagEpisodes, "lag_episodes_total", Type::Counter,
                "How often a subscriber began to lose messages."},
    Description{Metric::Wakeups, "subscriber_wakeups_total", Type::Counter,
                "How often a waiting subscriber was woken."},
    Description{
        Metric::Notifications, "notifications_total", Type::Counter,
        "How often a publisher woke somebody who waited (sent), and messages that were published "
        "without waking anybody (suppressed)."},
    Description{Metric::Depth, "ring_depth", Type::Gauge,
                "Retained messages that the slowest subscriber has not read."},
    Description{Metric::Retained, "retained", Type::Gauge, "Messages that can still be read."},
    Description{Metric::Capacity, "capacity", Type::Gauge, "Messages that are retained at most."},
    Description{Metric::RequestedCapacity, "capacity_requested", Type::Gauge,
                "Capacity as asked for, before it became a power of two."},
    Description{Metric::Closed, "closed", Type::Gauge, "1 if the bus is closed."},
    Description{Metric::Publishers, "publishers", Type::Gauge, "Publishers now."},
    Description{Metric::Subscribers, "subscribers", Type::Gauge, "Subscribers now."},
    Description{Metric::Behind, "subscriber_behind", Type::Gauge,
                "Messages between the subscriber and the newest one, now."},
    Description{Metric::BehindMax, "subscriber_behind_max", Type::Gauge,
                "The furthest that the subscriber was seen behind."},
    Description{Metric::BehindQuantile, "subscriber_behind_quantile", Type::Gauge,
                "Quantiles of how far behind the subscriber was at sampled receives."},
    Description{Metric::Lagging, "subscriber_lagging", Type::Gauge,
                "Subscribers that have lost messages and not caught up since."},
    Description{Metric::PublishNs, "publish_ns", Type::Histogram,
                "Nanoseconds that a publish took, of sampled ones."},
    Description{Metric::EndToEndNs, "end_to_end_latency_ns", Type::Histogram,
                "Nanoseconds from publish to receive, of sampled messages."},
    Description{Metric::BatchSize, "batch_size", Type::Histogram,
                "Messages that were published at once."},
    Description{Metric::BuildInfo, "build_info", Type::Gauge,
                "Always 1; its labels tell which ron-bus this is."},
};

constexpr std::size_t index(Metric metric) { return static_cast<std::size_t>(metric); }

static_assert([] {
  for (std::size_t i = 0; i < kDescriptions.size(); ++i) {
    if (index(kDescriptions[i].metric) != i) return false;
  }
  return kDescriptions.size() == index(Metric::BuildInfo) + 1;
}());

/// The bounds of a histogram's buckets are one less than powers of two, at which a Distribution
/// counts exactly: the exponents of the first and the last.
struct Powers {
  std::uint8_t first;
  std::uint8_t last;
};

constexpr Powers powers(Metric metric) {
  switch (metric) {
    case Metric::PublishNs:
      return {4, 24};  // 15 ns to 17 ms
    case Metric::EndToEndNs:
      return {6, 34};  // 63 ns to 17 s
    default:
      return {1, 16};  // batches of 1 to 65535
  }
}

}  // namespace

Labels with(Labels labels, std::string_view name, std::string_view value) {
  labels.push_back({std::string{name}, std::string{value}});
  return labels;
}

Exposition::Exposition() : families_(kDescriptions.size()) {
  for (std::size_t i = 0; i < families_.size(); ++i) {
    families_[i].name = "ron_bus_" + std::string{kDescriptions[i].name};
    families_[i].help = kDescriptions[i].help;
    families_[i].type = kDescriptions[i].type;
  }
}

void Exposition::add(Metric metric, const Labels& labels, std::uint64_t value) {
  ::prometheus::MetricFamily& family = families_[index(metric)];
  ::prometheus::ClientMetric& sample = family.metric.emplace_back();
  sample.label = labels;
  (family.type == Type::Counter ? sample.counter.value : sample.gauge.value) =
      static_cast<double>(value);
}

void Exposition::add(Metric metric, const Labels& labels, const Distribution& distribution) {
  if (distribution.empty()) return;
  ::prometheus::ClientMetric& sample = families_[index(metric)].metric.emplace_back();
  sample.label = labels;
  sample.histogram.sample_count = distribution.count();
  sample.histogram.sample_sum = static_cast<double>(distribution.sum());
  const auto [first, last] = powers(metric);
  for (unsigned power = first; power <= last; ++power) {
    const std::uint64_t bound = (std::uint64_t{1} << power) - 1;
    sample.histogram.bucket.push_back(
        {distribution.count_up_to(bound), static_cast<double>(bound)});
  }
}

std::vector<::prometheus::MetricFamily> Exposition::take() {
  std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
  return std::move(families_);
}

}  // namespace ron::prometheus
