// SPDX-License-Identifier: MIT OR Apache-2.0
#include "live_table.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "../terminal.hpp"
#include "summary.hpp"

namespace ron::cli::tee {
namespace {

/// Columns of the numbers, and what is left for the command at the least.
constexpr std::size_t kNumberColumns = 52;
constexpr std::size_t kLeastCommandColumns = 8;

}  // namespace

void LiveTable::draw(std::chrono::steady_clock::time_point now, std::uint64_t lines,
                     const std::vector<Row>& rows) {
  double rate = 0;
  if (drawn_at_) {
    const double seconds = std::chrono::duration<double>{now - *drawn_at_}.count();
    rate = static_cast<double>(lines - lines_) / std::max(seconds, 1e-3);
  }
  drawn_at_ = now;
  lines_ = lines;

  const std::size_t columns = terminal_size(descriptor_).columns;
  const std::size_t width =
      std::max(columns, kNumberColumns + kLeastCommandColumns) - kNumberColumns;
  std::vector<std::string> text;
  const auto add_line = [&text, columns](std::string line) {
    if (line.size() >= columns) line.resize(columns - 1);
    text.push_back(std::move(line));
  };
  add_line(fmt::format("{} lines, {:.0f} lines/s", lines, rate));
  add_line(fmt::format("{:<5}  {:>12}  {:>12}  {:>8}  {:<6}  command", "", "delivered", "missed",
                       "behind", "state"));
  for (const Row& row : rows) {
    add_line(fmt::format("{:<5}  {:>12}  {:>12}  {:>8}  {:<6}  {}", row.lossy ? "lossy" : "plain",
                         row.delivered, row.missed, row.behind, row.state,
                         shortened(row.command, width)));
  }
  panel_.draw(text);
}

}  // namespace ron::cli::tee
