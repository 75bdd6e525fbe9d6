// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace ron::cli {

/// 1234567 as 1 234 567.
[[nodiscard]] std::string grouped(std::uint64_t number);

/// At most seven characters: 0.5, 9999, 12.3 k, 1.23 M.
[[nodiscard]] std::string compact(double number);

}  // namespace ron::cli
