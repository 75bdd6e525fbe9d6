// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace ron::cli::tee {

/// Newlines in `text`; many bytes at a time.
[[nodiscard]] std::uint64_t count_newlines(std::string_view text) noexcept;

/// Lines in `text`; what stands behind the last newline is one, too.
[[nodiscard]] inline std::uint64_t count_lines(std::string_view text) noexcept {
  const bool unterminated = !text.empty() && text.back() != '\n';
  return count_newlines(text) + (unterminated ? 1 : 0);
}

}  // namespace ron::cli::tee
