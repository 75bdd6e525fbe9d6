// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "watch.hpp"

namespace ron::cli::watch {

/// Who comes first, among buses and among the subscribers of each.
enum class Sort : std::uint8_t { Lag, Lost, Rate, Name };

[[nodiscard]] std::string_view to_string(Sort sort) noexcept;
[[nodiscard]] std::optional<Sort> sort_named(std::string_view name) noexcept;
/// The one after it, in a circle.
[[nodiscard]] Sort next(Sort sort) noexcept;

/// A text that the name of a bus or of a subscriber has to contain. A bus is shown with all its
/// subscribers if its own name does, else with those that do, else not.
[[nodiscard]] std::vector<WatchedBus> chosen(const std::vector<WatchedBus>& buses,
                                             std::string_view filter, Sort sort);

struct TableStyle {
  std::size_t columns = 0;  ///< of the terminal; 0: as many as it takes
  bool unicode = false;     ///< or ASCII only
  bool colour = false;
};

/// Lines for people: of every bus its own numbers and those of its subscribers.
[[nodiscard]] std::vector<std::string> table_of(const std::vector<WatchedBus>& buses,
                                                const TableStyle& style);

/// Whether the locale of the process says that its terminal shows UTF-8.
[[nodiscard]] bool terminal_has_unicode();

}  // namespace ron::cli::watch
