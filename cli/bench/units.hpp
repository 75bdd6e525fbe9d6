// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How the metrics of docs/BENCHMARKS.md are shown; what a metric is, its name tells.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ron::cli::bench {

/// Whether a smaller value is a better one.
[[nodiscard]] bool less_is_better(std::string_view metric);

/// Metrics are shown in this order.
[[nodiscard]] std::size_t rank(std::string_view metric);

/// A heading, as "publishes/s" or "p99".
[[nodiscard]] std::string heading(std::string_view metric);

/// A value with its unit, as "12.3 M", "4.31 µs" or "0.5 %".
[[nodiscard]] std::string shown(std::string_view metric, double value);

}  // namespace ron::cli::bench
