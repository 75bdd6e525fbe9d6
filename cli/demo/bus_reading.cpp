// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bus_reading.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "ronbus/config.hpp"

namespace ron::cli::demo {
namespace {

watch::Histogram histogram_of(const Distribution& values) {
  watch::Histogram histogram;
  if (values.empty()) return histogram;
  for (std::size_t bits = 0; bits <= Distribution::kBits; ++bits) {
    const std::uint64_t bound = (std::uint64_t{1} << bits) - 1;
    histogram.push_back({.bound = static_cast<double>(bound), .count = values.count_up_to(bound)});
  }
  histogram.push_back({.bound = std::numeric_limits<double>::infinity(), .count = values.count()});
  return histogram;
}

}  // namespace

watch::BusReading reading_of(const BusSnapshot& bus) {
  watch::BusReading reading;
  reading.name = bus.name;
  reading.mode = to_string(bus.mode);
  reading.closed = bus.closed;
  reading.published = bus.published;
  reading.refused = bus.refused;
  reading.unheard = bus.unheard;
  reading.notifications = bus.notifications;
  reading.capacity = bus.capacity;
  reading.retained = bus.retained;
  reading.depth = bus.depth;
  reading.publishers = bus.publishers;
  reading.subscriber_count = bus.subscribers.size();
  reading.publish_ns = histogram_of(bus.publish_ns);
  reading.end_to_end_ns = histogram_of(bus.end_to_end_ns);
  for (const SubscriberInfo& subscriber : bus.subscribers) {
    reading.subscribers.push_back({.name = subscriber.name,
                                   .behind = subscriber.behind,
                                   .most_behind = subscriber.most_behind,
                                   .lagging = subscriber.is_lagging(),
                                   .received = subscriber.received,
                                   .filtered = subscriber.filtered,
                                   .missed = subscriber.missed,
                                   .lags = subscriber.lags,
                                   .episodes = subscriber.episodes,
                                   .wakeups = subscriber.wakeups});
  }
  return reading;
}

}  // namespace ron::cli::demo
