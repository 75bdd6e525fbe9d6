// SPDX-License-Identifier: MIT OR Apache-2.0
#include "live_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "summary.hpp"

namespace ron::cli::tee {
namespace {

constexpr std::size_t kUsualColumns = 80;
/// Columns of the numbers, and what is left for the command at the least.
constexpr std::size_t kNumberColumns = 52;
constexpr std::size_t kLeastCommandColumns = 8;

constexpr std::string_view kEraseBelow = "\r\x1b[J";

std::size_t columns_of(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count <= 0) return;  // the table is a courtesy
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

bool LiveTable::possible_on(int descriptor) {
  // Nobody in this program changes the environment.
  const char* const terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe)
  return ::isatty(descriptor) == 1 && terminal != nullptr && std::string_view{terminal} != "dumb";
}

/// The cursor rests on an empty line above the table, so that output of commands that goes to the
/// same terminal stands there, and is not erased when the table is drawn below it.
void LiveTable::draw(std::chrono::steady_clock::time_point now, std::uint64_t lines,
                     const std::vector<Row>& rows) {
  double rate = 0;
  if (drawn_at_) {
    const double seconds = std::chrono::duration<double>{now - *drawn_at_}.count();
    rate = static_cast<double>(lines - lines_) / std::max(seconds, 1e-3);
  }
  drawn_at_ = now;
  lines_ = lines;

  const std::size_t columns = columns_of(descriptor_);
  const std::size_t width =
      std::max(columns, kNumberColumns + kLeastCommandColumns) - kNumberColumns;
  std::string text{kEraseBelow};
  const auto add_line = [&text, columns](std::string line) {
    if (line.size() >= columns) line.resize(columns - 1);
    text += "\r\n" + line;
  };
  add_line(fmt::format("{} lines, {:.0f} lines/s", lines, rate));
  add_line(fmt::format("{:<5}  {:>12}  {:>12}  {:>8}  {:<6}  command", "", "delivered", "missed",
                       "behind", "state"));
  for (const Row& row : rows) {
    add_line(fmt::format("{:<5}  {:>12}  {:>12}  {:>8}  {:<6}  {}", row.lossy ? "lossy" : "plain",
                         row.delivered, row.missed, row.behind, row.state,
                         shortened(row.command, width)));
  }
  text += fmt::format("\r\x1b[{}A", rows.size() + 2);
  write_all(descriptor_, text);
}

void LiveTable::erase() {
  if (drawn_at_) write_all(descriptor_, kEraseBelow);
}

}  // namespace ron::cli::tee
