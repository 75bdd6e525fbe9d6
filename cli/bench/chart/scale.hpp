// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>
#include <vector>

namespace ron::cli::bench::chart {

/// Values that span more than this many times get a logarithmic scale.
inline constexpr double kLinearSpan = 30;

/// Maps values to positions from 0 to 1; what lies outside the ends is put on them.
class Scale {
 public:
  /// From 0 to a round number not below `max`.
  [[nodiscard]] static Scale linear(double max);

  /// From a round number not above `min` to one not below `max`, both of 1, 2 or 5 times a power of
  /// ten. Both values are positive.
  [[nodiscard]] static Scale logarithmic(double min, double max);

  /// Linear unless the positive ones of `values` span more than `kLinearSpan`; reaches `max` at
  /// least. A logarithmic one begins at a power of ten that is at most 1 / `foot` of the smallest
  /// value: bars need some length, lines do not.
  [[nodiscard]] static Scale fitting(std::span<const double> values, double max, double foot = 1);

  [[nodiscard]] bool is_logarithmic() const { return logarithmic_; }
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }
  [[nodiscard]] double at(double value) const;

  /// Round values from low to high, few enough to be labelled.
  [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }

 private:
  Scale(bool logarithmic, double low, double high, std::vector<double> ticks);

  bool logarithmic_;
  double low_;
  double high_;
  std::vector<double> ticks_;
};

}  // namespace ron::cli::bench::chart
