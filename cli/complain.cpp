// SPDX-License-Identifier: MIT OR Apache-2.0
#include "complain.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>

namespace ron::cli {

void complain(std::string_view text) {
  std::string line = "ronbus: ";
  line += text;
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
  std::ranges::replace_if(line, is_control, '?');
  line += '\n';
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

std::string not_usable(std::string_view flag, std::string_view value, std::string_view allowed) {
  return fmt::format("{}={} is not usable; allowed: {}", flag, value.empty() ? "(empty)" : value,
                     allowed);
}

}  // namespace ron::cli
