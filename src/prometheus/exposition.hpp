// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include "ronbus/distribution.hpp"

namespace ron::prometheus {

/// Every metric there is; docs/METRICS.md tells what they mean. In the order in which they are
/// exposed.
enum class Metric : std::uint8_t {
  Published,
  Refused,
  Unheard,
  Received,
  Filtered,
  Missed,
  LagReports,
  LagEpisodes,
  Wakeups,
  Notifications,
  Depth,
  Retained,
  Capacity,
  RequestedCapacity,
  Closed,
  Publishers,
  Subscribers,
  Behind,
  BehindMax,
  BehindQuantile,
  Lagging,
  PublishNs,
  EndToEndNs,
  BatchSize,
  BuildInfo,
};

using Label = ::prometheus::ClientMetric::Label;
using Labels = std::vector<Label>;

/// Labels and one more.
[[nodiscard]] Labels with(Labels labels, std::string_view name, std::string_view value);

/// Metrics as they are collected.
class Exposition {
 public:
  Exposition();

  /// A sample of a counter or a gauge.
  void add(Metric metric, const Labels& labels, std::uint64_t value);
  /// A sample of a histogram, unless it is empty.
  void add(Metric metric, const Labels& labels, const Distribution& distribution);

  /// The metrics that have samples. Once only.
  [[nodiscard]] std::vector<::prometheus::MetricFamily> take();

 private:
  std::vector<::prometheus::MetricFamily> families_;
};

}  // namespace ron::prometheus
