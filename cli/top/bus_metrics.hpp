// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "../watch/reading.hpp"
#include "exposition.hpp"

namespace ron::cli::top {

/// What the samples say of buses. Metrics whose names do not begin with ron_bus_, or that are
/// unknown, are passed over. One line tells what is wrong: a sample that is no count, that belongs
/// to no bus or is there twice, or that there is nothing of ron-bus.
[[nodiscard]] std::expected<watch::Reading, std::string> buses_in(std::span<const Sample> samples);

/// The same from a text.
[[nodiscard]] std::expected<watch::Reading, std::string> reading_of(std::string_view text);

}  // namespace ron::cli::top
