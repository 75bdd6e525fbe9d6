// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/result.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace ron::bench {
namespace {

/// Linear interpolation between the two samples next to the quantile.
double quantile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

std::vector<double> sorted(std::vector<double> samples) {
  std::ranges::sort(samples);
  return samples;
}

}  // namespace

std::optional<double> Result::field(const std::string& wanted) const {
  if (wanted == "median") return median;
  const auto ratio = std::ranges::find(ratios, wanted, &Ratio::field);
  return ratio == ratios.end() ? std::nullopt : ratio->value;
}

std::optional<bool> Result::met() const {
  if (!target) return std::nullopt;
  const std::optional<double> measured = field(target->field);
  if (!measured) return std::nullopt;
  return target->met_by(*measured);
}

void evaluate(std::vector<Result>& results) {
  for (Result& result : results) {
    const std::vector<double> samples = sorted(result.samples);
    result.median = quantile(samples, 0.5);
    result.min = samples.front();
    result.max = samples.back();
  }
  for (Result& result : results) {
    for (Ratio& ratio : result.ratios) {
      const auto reference = std::ranges::find(results, ratio.reference, &Result::name);
      if (reference != results.end() && reference->median > 0) {
        ratio.value = result.median / reference->median;
      }
    }
  }
}

double spread(const Result& result) {
  const std::vector<double> samples = sorted(result.samples);
  const double median = quantile(samples, 0.5);
  if (median <= 0) return 0;
  return (quantile(samples, 0.75) - quantile(samples, 0.25)) / median;
}

}  // namespace ron::bench
