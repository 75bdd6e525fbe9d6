// SPDX-License-Identifier: MIT OR Apache-2.0
#include "keys.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace ron::cli::top {
namespace {

struct Sequence {
  std::string_view text;  ///< behind the escape
  Key::Kind kind;
};

constexpr std::array<Sequence, 6> kSequences{{{"[A", Key::Kind::Up},
                                              {"OA", Key::Kind::Up},
                                              {"[B", Key::Kind::Down},
                                              {"OB", Key::Kind::Down},
                                              {"[5~", Key::Kind::PageUp},
                                              {"[6~", Key::Kind::PageDown}}};

/// The length of the escape sequence behind an escape, 0 if there is none.
std::size_t length_of_sequence(std::string_view text) {
  if (text.starts_with('O')) return std::min<std::size_t>(text.size(), 2);
  if (!text.starts_with('[')) return 0;
  const auto is_final = [](char c) { return c >= '@' && c <= '~'; };
  const auto* const end = std::ranges::find_if(text.substr(1), is_final);
  return std::min(static_cast<std::size_t>(end - text.data()) + 1, text.size());
}

}  // namespace

std::vector<Key> keys_in(std::string_view input) {
  std::vector<Key> keys;
  while (!input.empty()) {
    const char c = input.front();
    input.remove_prefix(1);
    if (c == '\x1b') {
      const std::string_view sequence = input.substr(0, length_of_sequence(input));
      input.remove_prefix(sequence.size());
      const auto* const found = std::ranges::find(kSequences, sequence, &Sequence::text);
      if (found != kSequences.end()) {
        keys.push_back({.kind = found->kind});
      } else if (sequence.empty()) {
        keys.push_back({.kind = Key::Kind::Escape});
      }
    } else if (c == '\r' || c == '\n') {
      keys.push_back({.kind = Key::Kind::Enter});
    } else if (c == '\x7f' || c == '\b') {
      keys.push_back({.kind = Key::Kind::Backspace});
    } else if (c < 0 || c >= ' ') {
      keys.push_back({.kind = Key::Kind::Text, .text = c});
    }
  }
  return keys;
}

}  // namespace ron::cli::top
