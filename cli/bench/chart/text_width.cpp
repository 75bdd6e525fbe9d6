// SPDX-License-Identifier: MIT OR Apache-2.0
#include "text_width.hpp"

#include <algorithm>
#include <cstddef>

namespace ron::cli::bench::chart {
namespace {

/// In units of the font size, for a wide sans-serif such as DejaVu Sans.
double width_of(char c) {
  if (std::string_view{" .,:;'|!ijltfrI()[]/-"}.find(c) != std::string_view::npos) return 0.36;
  if (std::string_view{"mwMW%@"}.find(c) != std::string_view::npos) return 0.95;
  return 0.62;
}

}  // namespace

double text_width(std::string_view text, double font_size) {
  double width = 0;
  for (const char c : text) {
    const bool continues_a_character = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (!continues_a_character) width += width_of(c);
  }
  return width * font_size;
}

std::vector<std::string> wrapped(std::string_view text, double font_size, double width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    std::string longer = line.empty() ? std::string{word} : line + ' ' + std::string{word};
    if (!line.empty() && text_width(longer, font_size) > width) {
      lines.push_back(std::move(line));
      longer = word;
    }
    line = std::move(longer);
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace ron::cli::bench::chart
