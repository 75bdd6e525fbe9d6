// SPDX-License-Identifier: MIT OR Apache-2.0
#include "scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace ron::cli::bench::chart {
namespace {

constexpr std::array kRound{1.0, 2.0, 5.0, 10.0};
/// Lets a round number that is a rounding error too small pass for itself.
constexpr double kSlack = 1e-9;
/// Smaller than anything that is measured.
constexpr double kSmallest = 1e-12;
/// More powers of ten than this are too many to label.
constexpr std::size_t kMaxPowers = 6;

double power_below(double value) { return std::pow(10, std::floor(std::log10(value) + kSlack)); }

/// The smallest of 1, 2, 5 times a power of ten that is not below `value`.
double round_up(double value) {
  const double power = power_below(value);
  for (const double factor : kRound) {
    if (factor * power >= value * (1 - kSlack)) return factor * power;
  }
  return 10 * power;
}

/// The largest of them that is not above `value`.
double round_down(double value) {
  const double power = power_below(value);
  for (const double factor : {5.0, 2.0}) {
    if (factor * power <= value * (1 + kSlack)) return factor * power;
  }
  return power;
}

}  // namespace

Scale::Scale(bool logarithmic, double low, double high, std::vector<double> ticks)
    : logarithmic_{logarithmic}, low_{low}, high_{high}, ticks_{std::move(ticks)} {}

Scale Scale::linear(double max) {
  if (!(max > kSmallest)) return Scale{false, 0, 1, {0, 1}};
  const double step = round_up(max / 5);
  std::vector<double> ticks{0};
  while (ticks.back() < max * (1 - kSlack)) {
    ticks.push_back(static_cast<double>(ticks.size()) * step);
  }
  const double high = ticks.back();
  return Scale{false, 0, high, std::move(ticks)};
}

Scale Scale::logarithmic(double min, double max) {
  const double low = round_down(std::max(min, kSmallest));
  const double high = round_up(std::max(max, 2 * low));
  std::vector<double> powers;
  std::vector<double> all;
  double power = power_below(low);
  while (power <= high * (1 + kSlack)) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * power;
      if (tick < low * (1 - kSlack) || tick > high * (1 + kSlack)) continue;
      all.push_back(tick);
      if (factor == 1) powers.push_back(tick);
    }
    power *= 10;
  }
  if (powers.size() < 2) return Scale{true, low, high, std::move(all)};
  while (powers.size() > kMaxPowers) {
    std::vector<double> kept;
    for (std::size_t i = 0; i < powers.size(); i += 2) kept.push_back(powers[i]);
    powers = std::move(kept);
  }
  return Scale{true, low, high, std::move(powers)};
}

Scale Scale::fitting(std::span<const double> values, double max, double foot) {
  double low = 0;
  double high = 0;
  for (const double value : values) {
    if (!(value > 0)) continue;
    low = low == 0 ? value : std::min(low, value);
    high = std::max(high, value);
  }
  if (low > 0 && high > kLinearSpan * low) {
    return logarithmic(power_below(low / foot), std::max(high, max));
  }
  return linear(std::max(high, max));
}

double Scale::at(double value) const {
  if (logarithmic_) {
    if (value <= low_) return 0;
    return std::min(1.0, std::log(value / low_) / std::log(high_ / low_));
  }
  return std::clamp((value - low_) / (high_ - low_), 0.0, 1.0);
}

}  // namespace ron::cli::bench::chart
