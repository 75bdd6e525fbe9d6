// SPDX-License-Identifier: MIT OR Apache-2.0
#include "number_text.hpp"

#include <array>
#include <cmath>
#include <cstddef>

#include <fmt/format.h>

namespace ron::cli {

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ' ');
  return text;
}

std::string compact(double number) {
  constexpr double kLargestPlain = 9999.5;
  constexpr std::array<char, 5> kPrefixes{'k', 'M', 'G', 'T', 'P'};
  if (number < 9.95 && number != std::floor(number)) return fmt::format("{:.1f}", number);
  if (number < kLargestPlain) return fmt::format("{:.0f}", number);
  std::size_t prefix = 0;
  number /= 1000;
  for (; number >= 999.5 && prefix + 1 < kPrefixes.size(); ++prefix) number /= 1000;
  const int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", number, decimals, kPrefixes[prefix]);
}

}  // namespace ron::cli
