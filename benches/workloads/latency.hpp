// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `latency`: from before a publish to after the receive that found it, at a steady pace.
#pragma once

#include <optional>

#include "workloads/paced.hpp"

namespace ron::bench {

[[nodiscard]] inline double take_interval(Words& words) {
  constexpr std::uint64_t kMostMicroseconds = 1'000'000;
  return 1e3 * static_cast<double>(words.number("interval_us", 1, kMostMicroseconds, std::nullopt));
}

struct LatencyRequest {
  Conditions conditions;
  Shape shape;
  double interval;
  Receiving receiving;

  explicit LatencyRequest(Words& words)
      : conditions{take_conditions(words)}, interval{take_interval(words)} {
    receiving = Receiving{
        static_cast<std::uint8_t>(words.choice("receiver", {"polling", "sleeping", "async"}))};
    shape.capacity = take_capacity(words);
    words.done();
  }
};

template <template <class, Loss> class S>
Metrics latency(const LatencyRequest& request) {
  const Paced result =
      paced<S>(request.shape, request.conditions, request.interval, request.receiving);
  return percentiles_of(result.histogram);
}

}  // namespace ron::bench
