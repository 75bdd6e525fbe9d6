// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>
#include <string>

#include "field.hpp"
#include "plan.hpp"

namespace ron::cli::bench {

/// What would be measured, for people.
[[nodiscard]] std::string listing(std::span<const Case> cases, const Field& field);

}  // namespace ron::cli::bench
