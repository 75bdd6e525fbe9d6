// SPDX-License-Identifier: MIT OR Apache-2.0
#include "units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace ron::cli::bench {
namespace {

struct Known {
  std::string_view metric;
  std::string_view heading;
};

constexpr std::array kKnown{
    Known{"ns", "time"},    Known{"p50_ns", "p50"},     Known{"p90_ns", "p90"},
    Known{"p95_ns", "p95"}, Known{"p99_ns", "p99"},     Known{"p999_ns", "p99.9"},
    Known{"max_ns", "max"}, Known{"count", "messages"}, Known{"lost_share", "lost"},
};

/// As in the tables of docs/BENCHMARKS.md.
constexpr std::array<std::string_view, 19> kOrder{
    "ns",
    "ns_per_publish",
    "ns_per_receive",
    "ns_per_lagged",
    "p50_ns",
    "p90_ns",
    "p95_ns",
    "p99_ns",
    "p999_ns",
    "max_ns",
    "count",
    "publishes_per_s",
    "deliveries_per_s",
    "lost_share",
    "churns_per_s",
    "ns_per_construct",
    "bytes_per_bus",
    "bytes_per_subscriber",
    "allocations_per_message",
};

struct Scale {
  double from;
  double unit;
  std::string_view name;
};

/// Three significant digits, but all digits before the point.
std::string digits(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}", value, decimals);
}

template <std::size_t N>
std::string scaled(double value, const std::array<Scale, N>& scales, std::string_view smallest) {
  for (const Scale& scale : scales) {
    if (std::abs(value) >= scale.from) {
      return fmt::format("{} {}", digits(value / scale.unit), scale.name);
    }
  }
  return smallest.empty() ? digits(value) : fmt::format("{} {}", digits(value), smallest);
}

constexpr std::array kTimes{Scale{1e9, 1e9, "s"}, Scale{1e6, 1e6, "ms"}, Scale{1e3, 1e3, "µs"}};
constexpr std::array kRates{Scale{1e9, 1e9, "G"}, Scale{1e6, 1e6, "M"}, Scale{1e4, 1e3, "k"}};
constexpr std::array kSizes{Scale{1048576, 1048576, "MiB"}, Scale{10240, 1024, "KiB"}};

bool is_time(std::string_view metric) {
  return metric == "ns" || metric.starts_with("ns_") || metric.ends_with("_ns");
}

}  // namespace

bool less_is_better(std::string_view metric) {
  return !metric.ends_with("_per_s") && metric != "count";
}

std::size_t rank(std::string_view metric) {
  return static_cast<std::size_t>(std::ranges::find(kOrder, metric) - kOrder.begin());
}

std::string heading(std::string_view metric) {
  for (const Known& known : kKnown) {
    if (known.metric == metric) return std::string{known.heading};
  }
  std::string text{metric};
  if (text.starts_with("ns_per_")) {
    text.erase(0, std::string_view{"ns_per_"}.size());
    return text;
  }
  for (const auto& [from, to] : {std::pair{"_per_", "/"}, std::pair{"_", " "}}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from)) {
      text.replace(at, std::string_view{from}.size(), to);
    }
  }
  return text;
}

std::string shown(std::string_view metric, double value) {
  if (is_time(metric)) return scaled(value, kTimes, "ns");
  if (metric.ends_with("_share")) return fmt::format("{} %", digits(100 * value));
  if (metric.starts_with("bytes_")) return scaled(value, kSizes, "B");
  if (metric == "count") return fmt::format("{:.0f}", value);
  return scaled(value, kRates, "");
}

}  // namespace ron::cli::bench
