// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <list>
#include <mutex>
#include <string_view>
#include <utility>

#include "ronbus/prometheus.hpp"

#include "src/prometheus/exposition.hpp"
#include "src/prometheus/label_value.hpp"
#include "src/prometheus/subscriber_series.hpp"

namespace ron::prometheus {

namespace {

constexpr std::string_view kVersion = RONBUS_VERSION;
#if defined(__clang__)
constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
constexpr std::string_view kCompiler = "g++ " __VERSION__;
#endif

void expose(Exposition& exposition, const Labels& bus, const BusSnapshot& of) {
  exposition.add(Metric::Published, bus, of.published);
  exposition.add(Metric::Refused, bus, of.refused);
  exposition.add(Metric::Unheard, bus, of.unheard);
  exposition.add(Metric::Notifications, with(bus, "result", "sent"), of.notifications);
  exposition.add(Metric::Notifications, with(bus, "result", "suppressed"), of.unnotified());
  exposition.add(Metric::Depth, bus, of.depth);
  exposition.add(Metric::Retained, bus, of.retained);
  exposition.add(Metric::Capacity, bus, of.capacity);
  exposition.add(Metric::RequestedCapacity, bus, of.requested_capacity);
  exposition.add(Metric::Closed, bus, of.closed ? 1U : 0U);
  exposition.add(Metric::Publishers, bus, of.publishers);
  exposition.add(Metric::Subscribers, bus, of.subscribers.size());
  exposition.add(Metric::PublishNs, bus, of.publish_ns);
  exposition.add(Metric::EndToEndNs, bus, of.end_to_end_ns);
  exposition.add(Metric::BatchSize, bus, of.batch_sizes);
}

void expose(Exposition& exposition, const Labels& bus, const SubscriberSeries& of) {
  const Labels labels = with(bus, "subscriber", of.label);
  exposition.add(Metric::Received, labels, of.counts[Received]);
  exposition.add(Metric::Filtered, labels, of.counts[Filtered]);
  exposition.add(Metric::Missed, labels, of.counts[Missed]);
  exposition.add(Metric::LagReports, labels, of.counts[Lags]);
  exposition.add(Metric::LagEpisodes, labels, of.counts[Episodes]);
  exposition.add(Metric::Wakeups, labels, of.counts[Wakeups]);
  if (!of.present) return;
  exposition.add(Metric::Behind, labels, of.present->behind);
  exposition.add(Metric::BehindMax, labels, of.present->most_behind);
  exposition.add(Metric::Lagging, labels, of.present->lagging);
  if (!of.present->distances) return;
  const auto [median, high] = *of.present->distances;
  exposition.add(Metric::BehindQuantile, with(labels, "quantile", "0.5"), median);
  exposition.add(Metric::BehindQuantile, with(labels, "quantile", "0.99"), high);
}

}  // namespace

/// The buses of a collector.
class Collector::State {
 public:
  explicit State(const CollectorOptions& options) : options_{options} {}

  void add(Source source) {
    const std::scoped_lock lock{mutex_};
    buses_.push_back({std::move(source), {}, SubscriberLabels{options_.labelled_subscribers}, {}});
  }

  std::vector<::prometheus::MetricFamily> collect() {
    const std::scoped_lock lock{mutex_};
    std::erase_if(buses_, [](Entry& entry) {
      entry.snapshot = entry.source();
      return !entry.snapshot;
    });
    Exposition exposition;
    for (Entry& entry : buses_) {
      if (entry.label.empty()) entry.label = free_label(label_value(entry.snapshot->name, "bus"));
      const Labels labels{{"bus", entry.label},
                          {"mode", std::string{to_string(entry.snapshot->mode)}}};
      expose(exposition, labels, *entry.snapshot);
      for (const SubscriberSeries& series : entry.subscribers.update(*entry.snapshot)) {
        expose(exposition, labels, series);
      }
      entry.snapshot.reset();
    }
    exposition.add(Metric::BuildInfo,
                   {{"version", std::string{kVersion}}, {"compiler", std::string{kCompiler}}}, 1);
    return exposition.take();
  }

 private:
  struct Entry {
    Source source;
    std::string label;  ///< empty until it is first collected
    SubscriberLabels subscribers;
    std::optional<BusSnapshot> snapshot;  ///< while metrics are collected
  };

  [[nodiscard]] std::string free_label(const std::string& name) const {
    std::string label = name;
    const auto taken = [&](const Entry& entry) { return entry.label == label; };
    for (int number = 2; std::ranges::any_of(buses_, taken); ++number) {
      label = name + '-' + std::to_string(number);
    }
    return label;
  }

  const CollectorOptions options_;
  std::mutex mutex_;
  std::list<Entry> buses_;
};

Collector::Collector(CollectorOptions options) : state_{std::make_unique<State>(options)} {}
Collector::~Collector() = default;

void Collector::add_source(Source source) { state_->add(std::move(source)); }

std::vector<::prometheus::MetricFamily> Collector::Collect() const { return state_->collect(); }

}  // namespace ron::prometheus
