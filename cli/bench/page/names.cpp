// SPDX-License-Identifier: MIT OR Apache-2.0
#include "names.hpp"

#include <algorithm>
#include <array>

#include "../units.hpp"

namespace ron::cli::bench::page {
namespace {

struct Known {
  std::string_view metric;
  std::string_view quantity;
};

constexpr std::array kKnown{
    Known{"ns_per_publish", "time per publish"},
    Known{"ns_per_receive", "time per receive"},
    Known{"ns_per_lagged", "time per receive of Lagged"},
    Known{"ns_per_construct", "time to make and destroy"},
    Known{"publishes_per_s", "publishes"},
    Known{"deliveries_per_s", "deliveries"},
    Known{"churns_per_s", "subscribers that came and went"},
    Known{"lost_share", "share lost"},
    Known{"bytes_per_bus", "memory per bus"},
    Known{"bytes_per_subscriber", "memory per subscriber"},
    Known{"allocations_per_message", "allocations per message"},
};

}  // namespace

bool is_broadcast(const Report& report, std::string_view system) {
  const auto found = std::ranges::find(report.systems, system, &System::name);
  return found == report.systems.end() || found->broadcast;
}

std::string_view parameter(const Result& result, std::string_view name) {
  const auto found = std::ranges::find(result.parameters, name, &Parameter::name);
  return found == result.parameters.end() ? std::string_view{} : found->value;
}

chart::Unit unit_of(std::string_view metric) {
  if (metric == "ns" || metric.starts_with("ns_") || metric.ends_with("_ns")) {
    return chart::Unit::Time;
  }
  if (metric.ends_with("_per_s")) return chart::Unit::Rate;
  if (metric.ends_with("_share")) return chart::Unit::Share;
  if (metric.starts_with("bytes_")) return chart::Unit::Bytes;
  return chart::Unit::Count;
}

std::string quantity_of(std::string_view metric) {
  const auto* const found = std::ranges::find(kKnown, metric, &Known::metric);
  return found == kKnown.end() ? heading(metric) : std::string{found->quantity};
}

std::string shown_case(std::string_view name) {
  if (!name.ends_with(" us")) return std::string{name};
  return std::string{name.substr(0, name.size() - 2)} + "µs";
}

std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain || upper) {
      out += static_cast<char>(upper ? c - 'A' + 'a' : c);
    } else if (!out.empty() && !out.ends_with('-')) {
      out += '-';
    }
  }
  if (out.ends_with('-')) out.pop_back();
  return out;
}

}  // namespace ron::cli::bench::page
