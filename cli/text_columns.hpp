// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ron::cli {

/// `text`, which somebody else chose, fit to be shown: what would steer a terminal, and what is not
/// UTF-8, becomes question marks.
[[nodiscard]] std::string printable(std::string_view text);

/// The columns that printable text takes on a terminal.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Printable text in exactly `columns`, filled up with spaces or cut.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);

}  // namespace ron::cli
