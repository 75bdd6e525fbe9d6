// SPDX-License-Identifier: MIT OR Apache-2.0
#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace ron::cli::bench {
namespace {

double quantile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

}  // namespace

Metric summarise(std::string name, std::vector<double> samples) {
  std::vector<double> sorted = samples;
  std::ranges::sort(sorted);
  return {.name = std::move(name),
          .median = quantile(sorted, 0.5),
          .q1 = quantile(sorted, 0.25),
          .q3 = quantile(sorted, 0.75),
          .min = sorted.front(),
          .max = sorted.back(),
          .samples = std::move(samples)};
}

double spread(const Metric& metric) {
  return metric.median > 0 ? (metric.q3 - metric.q1) / metric.median : 0;
}

}  // namespace ron::cli::bench
