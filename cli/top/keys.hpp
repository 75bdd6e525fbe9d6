// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace ron::cli::top {

/// A key that was pressed: a byte of text, or one of the others.
struct Key {
  enum class Kind : std::uint8_t { Text, Enter, Escape, Backspace, Up, Down, PageUp, PageDown };

  Kind kind = Kind::Text;
  char text = '\0';

  friend bool operator==(const Key&, const Key&) = default;
};

/// The keys in what one read from a terminal brought; those without a meaning are left out.
[[nodiscard]] std::vector<Key> keys_in(std::string_view input);

}  // namespace ron::cli::top
