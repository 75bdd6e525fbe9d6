// SPDX-License-Identifier: MIT OR Apache-2.0
#include "text_columns.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ron::cli {
namespace {

struct CodePoint {
  char32_t value;
  std::size_t bytes;
};

/// The first one of `text`, which is not empty; nothing if that is not UTF-8.
std::optional<CodePoint> first_of(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return CodePoint{lead, 1};
  struct Form {
    unsigned char mask;
    unsigned char lead;
    char32_t least;
  };
  constexpr std::array<Form, 3> kForms{
      {{0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}}};
  for (std::size_t more = 1; more <= kForms.size(); ++more) {
    const Form& form = kForms[more - 1];
    if ((lead & form.mask) != form.lead) continue;
    if (text.size() <= more) return std::nullopt;
    char32_t value = lead & static_cast<unsigned char>(~form.mask);
    for (std::size_t i = 1; i <= more; ++i) {
      if ((byte(i) & 0xc0U) != 0x80U) return std::nullopt;
      value = value << 6U | (byte(i) & 0x3fU);
    }
    const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < form.least || value > 0x10ffff || is_surrogate) return std::nullopt;
    return CodePoint{value, more + 1};
  }
  return std::nullopt;
}

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t value) {
  return std::ranges::any_of(
      ranges, [=](const Range& range) { return value >= range.first && value <= range.last; });
}

/// Control characters, and those that change direction, have no width or end a line.
bool steers(char32_t value) {
  constexpr std::array<Range, 7> kSteering{{{0, 0x1f},
                                            {0x7f, 0x9f},
                                            {0x300, 0x36f},
                                            {0x200b, 0x200f},
                                            {0x2028, 0x202e},
                                            {0x2060, 0x206f},
                                            {0xfe00, 0xfe0f}}};
  return is_in(kSteering, value);
}

std::size_t columns_of(char32_t value) {
  constexpr std::array<Range, 9> kWide{{{0x1100, 0x115f},
                                        {0x2e80, 0xa4cf},
                                        {0xac00, 0xd7a3},
                                        {0xf900, 0xfaff},
                                        {0xfe30, 0xfe6f},
                                        {0xff00, 0xff60},
                                        {0xffe0, 0xffe6},
                                        {0x1f300, 0x1faff},
                                        {0x20000, 0x3fffd}}};
  return is_in(kWide, value) ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto point = first_of(text);
    const std::size_t bytes = point ? point->bytes : 1;
    if (point && !steers(point->value)) {
      result += text.substr(0, bytes);
    } else {
      result += '?';
    }
    text.remove_prefix(bytes);
  }
  return result;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const CodePoint point = first_of(text).value_or(CodePoint{U'?', 1});
    columns += columns_of(point.value);
    text.remove_prefix(point.bytes);
  }
  return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
  std::string result;
  while (!text.empty()) {
    const CodePoint point = first_of(text).value_or(CodePoint{U'?', 1});
    const std::size_t width = columns_of(point.value);
    if (width > columns) break;
    columns -= width;
    result += text.substr(0, point.bytes);
    text.remove_prefix(point.bytes);
  }
  return result.append(columns, ' ');
}

}  // namespace ron::cli
