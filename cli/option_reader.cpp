// SPDX-License-Identifier: MIT OR Apache-2.0
#include "option_reader.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "complain.hpp"

namespace ron::cli {
namespace {

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [parsed, failure] = std::from_chars(text.begin(), text.end(), number);
  if (failure != std::errc{} || parsed != text.end() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> whole_number_in(const std::string& text) {
  constexpr double kLargest = 1e15;  // every whole number below is exact
  const auto number = number_in(text);
  if (!number || *number < 0 || *number > kLargest || *number != std::floor(*number)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*number);
}

std::optional<std::chrono::milliseconds> duration_in(std::string_view text) {
  constexpr double kLongest = 365 * 86400;
  struct Unit {
    char letter;
    double seconds;
  };
  constexpr std::array<Unit, 4> kUnits{{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}};
  double factor = 1;
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.letter)) continue;
    factor = unit.seconds;
    text.remove_suffix(1);
    break;
  }
  const auto number = number_in(text);
  if (!number) return std::nullopt;
  const double seconds = *number * factor;
  if (seconds < 0.1 || seconds > kLongest) return std::nullopt;
  return std::chrono::milliseconds{std::llround(seconds * 1000)};
}

}  // namespace

void OptionReader::read(const char* flag, const std::string& text,
                        std::chrono::milliseconds& into) {
  if (!wanted(flag)) return;
  const auto duration = duration_in(text);
  if (!duration) return fail(flag, text, "a number with s, m, h or d behind it, from 0.1s to 365d");
  into = *duration;
}

void OptionReader::fail(std::string_view flag, std::string_view text, std::string_view allowed) {
  fail(not_usable(flag, text, allowed));
}

std::optional<std::uint64_t> OptionReader::whole_number(const char* flag, const std::string& text,
                                                        std::uint64_t least, std::uint64_t most) {
  const auto number = whole_number_in(text);
  if (!number || *number < least || *number > most) {
    fail(flag, text, fmt::format("a whole number from {} to {}", least, most));
    return std::nullopt;
  }
  return number;
}

}  // namespace ron::cli
