// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace ron::cli {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// Whether `descriptor` is a terminal that can move its cursor.
[[nodiscard]] bool can_draw_on(int descriptor);

/// As the terminal says; 80 x 24 where it does not.
[[nodiscard]] TerminalSize terminal_size(int descriptor);

/// Writes all of `text`, or what can be written of it: what is drawn is a courtesy.
void write_courtesy(int descriptor, std::string_view text);

}  // namespace ron::cli
