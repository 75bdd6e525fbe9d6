// SPDX-License-Identifier: MIT OR Apache-2.0
#include "samples.hpp"

#include <algorithm>
#include <utility>

#include "insertion_sort.hpp"
#include "statistics.hpp"
#include "units.hpp"

namespace ron::cli::bench {

void Samples::add(Cell cell, Values values) { round_[cell] = std::move(values); }

void Samples::drop(Cell cell) {
  round_.erase(cell);
  kept_.erase(cell);
}

void Samples::keep_round() {
  for (const auto& [cell, values] : round_) {
    for (const Value& value : values) kept_[cell][value.metric].push_back(value.value);
  }
  round_.clear();
}

std::vector<Metric> Samples::metrics_of(Cell cell) const {
  std::vector<Metric> metrics;
  const auto found = kept_.find(cell);
  if (found == kept_.end()) return metrics;
  for (const auto& [name, samples] : found->second) metrics.push_back(summarise(name, samples));
  insertion_sort(metrics, {}, [](const Metric& metric) { return rank(metric.name); });
  return metrics;
}

}  // namespace ron::cli::bench
