// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/label_value.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace ron::prometheus {

namespace {

struct Range {
  std::uint8_t first;
  std::uint8_t last;
};

/// How a character of more than one byte begins: its first byte, its second, its length. The table
/// of well-formed byte sequences in chapter 3.9 of the Unicode standard.
struct Form {
  Range lead;
  Range second;
  std::size_t length;
};

constexpr std::array<Form, 8> kForms{{
    {{0xC2, 0xDF}, {0x80, 0xBF}, 2},
    {{0xE0, 0xE0}, {0xA0, 0xBF}, 3},
    {{0xE1, 0xEC}, {0x80, 0xBF}, 3},
    {{0xED, 0xED}, {0x80, 0x9F}, 3},
    {{0xEE, 0xEF}, {0x80, 0xBF}, 3},
    {{0xF0, 0xF0}, {0x90, 0xBF}, 4},
    {{0xF1, 0xF3}, {0x80, 0xBF}, 4},
    {{0xF4, 0xF4}, {0x80, 0x8F}, 4},
}};

constexpr bool holds(Range range, char character) {
  const auto byte = static_cast<std::uint8_t>(character);
  return range.first <= byte && byte <= range.last;
}

/// Length of the character that a text begins with; 0 if that is none a label may have.
std::size_t character_length(std::string_view text) {
  if (holds({0x20, 0x7E}, text.front())) return 1;
  const auto* const form = std::ranges::find_if(
      kForms, [&](const Form& candidate) { return holds(candidate.lead, text.front()); });
  if (form == kForms.end() || text.size() < form->length || !holds(form->second, text[1])) return 0;
  const std::string_view others = text.substr(2, form->length - 2);
  const bool whole = std::ranges::all_of(others, [](char c) { return holds({0x80, 0xBF}, c); });
  return whole ? form->length : 0;
}

}  // namespace

std::string label_value(std::string_view name, std::string_view instead) {
  if (name.empty()) return std::string{instead};
  std::string value;
  while (!name.empty()) {
    const std::size_t length = character_length(name);
    value += length == 0 ? std::string_view{"\xEF\xBF\xBD"} : name.substr(0, length);
    name.remove_prefix(std::max(length, std::size_t{1}));
  }
  return value;
}

}  // namespace ron::prometheus
