// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ron::cli::bench::chart {

/// About how wide `text` is, rather too much than too little: the font is the reader's.
[[nodiscard]] double text_width(std::string_view text, double font_size);

/// `text` in lines of at most `width`, broken at blanks; a longer word has a line of its own.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, double font_size,
                                               double width);

}  // namespace ron::cli::bench::chart
