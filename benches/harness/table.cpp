// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/core.h>

namespace ron::bench {
namespace {

constexpr std::size_t kColumns = 7;
using Row = std::array<std::string, kColumns>;

/// Three significant digits, without an exponent.
std::string number(double value) {
  if (value == 0) return "0";
  if (value < 10) return fmt::format("{:.2f}", value);
  return fmt::format("{:.{}f}", value, value < 100 ? 1 : 0);
}

Row row_of(const Result& result, const std::string& ratio) {
  Row row{result.name, number(result.median),
          result.unit, number(result.min) + " - " + number(result.max),
          "",          "",
          ""};
  if (const auto value = result.field(ratio)) row[4] = fmt::format("{:.2f}", *value);
  if (!result.target) return row;
  const Target& target = *result.target;
  row[5] = fmt::format("{} {:g}",
                       target.relation == Target::Relation::AtMost ? "<=" : ">=", target.value);
  if (target.field == "median") {
    row[5] += " " + result.unit;
  } else if (target.field != ratio) {
    row[5] += " " + target.field;
  }
  if (const auto met = result.met()) {
    row[6] = *met ? "yes" : "NO";
    if (target.field != "median" && target.field != ratio) {
      row[6] += fmt::format(" ({:.2f})", result.field(target.field).value_or(0));
    }
  }
  return row;
}

}  // namespace

std::string to_table(const std::vector<Result>& results, const std::string& ratio) {
  std::vector<Row> rows{{"name", "median", "unit", "min - max", ratio, "target", "met"}};
  for (const Result& result : results) rows.push_back(row_of(result, ratio));

  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string table;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < kColumns; ++i) {
      const bool is_number = i == 1 || i == 4;
      line += is_number ? fmt::format("{:>{}}  ", row[i], widths[i])
                        : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + "\n";
  }
  return table;
}

}  // namespace ron::bench
