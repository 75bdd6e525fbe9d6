// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `slo`: latency at a given rate to several sleeping receivers.
#pragma once

#include <optional>

#include "workloads/paced.hpp"

namespace ron::bench {

struct SloRequest {
  Conditions conditions;
  Shape shape;
  double interval;

  explicit SloRequest(Words& words) : conditions{take_conditions(words)} {
    constexpr std::uint64_t kMostRate = 10'000'000;
    constexpr std::size_t kCapacity = 4096;
    constexpr std::size_t kSubscribers = 4;
    interval = 1e9 / static_cast<double>(words.number("rate", 1, kMostRate, std::nullopt));
    shape.subscribers = words.number("subscribers", 1, kMostThreads, kSubscribers);
    shape.capacity = take_capacity(words, kCapacity);
    words.done();
  }
};

template <template <class, Loss> class S>
Metrics slo(const SloRequest& request) {
  const Paced result =
      paced<S>(request.shape, request.conditions, request.interval, Receiving::Sleeping);
  const std::uint64_t received = result.histogram.count();
  Metrics metrics = percentiles_of(result.histogram);
  metrics.emplace_back("p95_ns", static_cast<double>(result.histogram.percentile(95)));
  metrics.emplace_back("deliveries_per_s", per_second(received, result.seconds));
  metrics.emplace_back("lost_share", share(result.missed, received + result.missed));
  return metrics;
}

}  // namespace ron::bench
