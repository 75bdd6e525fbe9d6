// SPDX-License-Identifier: MIT OR Apache-2.0
#include "quantity.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include <fmt/format.h>

namespace ron::cli::bench::chart {
namespace {

/// U+00A0 between a number and its unit, U+202F between groups of digits.
constexpr std::string_view kBlank = "\u00a0";
constexpr std::string_view kGroupBlank = "\u202f";

struct Step {
  double size;
  std::string_view name;
};

constexpr std::array kTimes{Step{1, "ns"}, Step{1e3, "µs"}, Step{1e6, "ms"}, Step{1e9, "s"}};
constexpr std::array kRates{Step{1, "/s"}, Step{1e3, "k/s"}, Step{1e6, "M/s"}, Step{1e9, "G/s"}};
constexpr std::array kSizes{Step{1, "B"}, Step{1024, "KiB"}, Step{1048576, "MiB"},
                            Step{1073741824, "GiB"}};

std::string grouped(std::string digits) {
  const std::size_t start = digits.starts_with('-') ? 1 : 0;
  const std::size_t point = digits.find('.');
  std::size_t at = point == std::string::npos ? digits.size() : point;
  if (at - start <= 4) return digits;  // four digits are read at once
  while (at > start + 3) {
    at -= 3;
    digits.insert(at, kGroupBlank);
  }
  return digits;
}

/// How many decimals leave three significant digits.
int decimals_of(double value) {
  const double size = std::abs(value);
  if (size == 0 || size >= 99.95) return 0;
  return size >= 9.995 ? 1 : 2;
}

std::string digits(double value, int decimals) {
  return grouped(fmt::format("{:.{}f}", value, decimals));
}

std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string number(double value, bool tick) {
  if (!tick) return digits(value, decimals_of(value));
  return without_trailing_zeros(digits(value, 3));
}

/// The largest step in which the value, as it will be rounded, is at least 1.
std::string in_steps(double value, std::span<const Step> steps, bool tick) {
  const Step* step = &steps.front();
  for (const Step& larger : steps.subspan(1)) {
    if (std::abs(value) / step->size >= larger.size / step->size - 0.5) step = &larger;
  }
  return fmt::format("{}{}{}", number(value / step->size, tick), kBlank, step->name);
}

/// What is not nothing and not everything is never shown as such.
std::string percent(double share, bool tick) {
  const double value = 100 * share;
  if (tick) return fmt::format("{}{}%", number(value, true), kBlank);
  if (value > 0 && value < 0.01) return fmt::format("<{}0.01{}%", kBlank, kBlank);
  if (value > 99.99 && value < 100) return fmt::format(">{}99.99{}%", kBlank, kBlank);
  const int decimals = value > 99 && value < 100 ? 2 : decimals_of(value);
  return fmt::format("{}{}%", value == 100 ? "100" : digits(value, decimals), kBlank);
}

std::string written(Unit unit, double value, bool tick) {
  switch (unit) {
    case Unit::Time:
      return in_steps(value, kTimes, tick);
    case Unit::Rate:
      return in_steps(value, kRates, tick);
    case Unit::Bytes:
      return in_steps(value, kSizes, tick);
    case Unit::Share:
      return percent(value, tick);
    case Unit::Count:
      break;
  }
  return value == std::floor(value) ? digits(value, 0) : number(value, tick);
}

}  // namespace

std::string shown(Unit unit, double value) { return written(unit, value, false); }

std::string shown_tick(Unit unit, double value) {
  return value == 0 ? "0" : written(unit, value, true);
}

std::string shown_quotient(double value) { return number(value, false) + "×"; }

std::string shown_aim(double value) { return number(value, true) + "×"; }

}  // namespace ron::cli::bench::chart
