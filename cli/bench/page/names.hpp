// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the words of a report mean.
#pragma once

#include <string>
#include <string_view>

#include "../chart/quantity.hpp"
#include "../report.hpp"

namespace ron::cli::bench::page {

[[nodiscard]] inline bool is_ours(std::string_view system) {
  return system == "ron-bus" || system.starts_with("ron-bus-");
}

[[nodiscard]] inline bool is_floor(std::string_view system) { return system == "floor"; }

/// Whether each message reaches all subscribers of the system.
[[nodiscard]] bool is_broadcast(const Report& report, std::string_view system);

/// Empty if the result has no such parameter.
[[nodiscard]] std::string_view parameter(const Result& result, std::string_view name);

[[nodiscard]] chart::Unit unit_of(std::string_view metric);

/// As "time per publish".
[[nodiscard]] std::string quantity_of(std::string_view metric);

/// With the sign for micro.
[[nodiscard]] std::string shown_case(std::string_view name);

/// Lower-case letters, digits and single hyphens: a part of a file name or the name of an anchor.
[[nodiscard]] std::string slug(std::string_view text);

}  // namespace ron::cli::bench::page
