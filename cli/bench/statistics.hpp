// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report.hpp"

namespace ron::cli::bench {

/// Median, quartiles and extremes of at least one sample. Between two samples a quantile is
/// interpolated linearly.
[[nodiscard]] Metric summarise(std::string name, std::vector<double> samples);

/// Distance of the quartiles as a share of the median; 0 if the median is 0.
[[nodiscard]] double spread(const Metric& metric);

}  // namespace ron::cli::bench
