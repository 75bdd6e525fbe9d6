// SPDX-License-Identifier: MIT OR Apache-2.0
#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "../terminal.hpp"

namespace ron::cli::bench {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";
/// Runs can be much shorter than anybody can read.
constexpr std::chrono::milliseconds kInterval{100};

}  // namespace

Progress::Progress() : possible_{can_draw_on(STDERR_FILENO)} {}

void Progress::show(double share, std::string_view what, std::optional<std::chrono::seconds> left) {
  const auto now = std::chrono::steady_clock::now();
  if (!possible_ || (shown_ && now - shown_at_ < kInterval)) return;
  shown_ = true;
  shown_at_ = now;
  std::string line = fmt::format("{:3.0f} %", 100 * share);
  if (left) line += fmt::format(", {}:{:02} left", left->count() / 60, left->count() % 60);
  line += fmt::format("  {}", what);
  const std::size_t width = terminal_size(STDERR_FILENO).columns;
  if (line.size() >= width) line.resize(width - 1);
  write_courtesy(STDERR_FILENO, fmt::format("{}{}", kEraseLine, line));
}

void Progress::erase() {
  if (shown_) write_courtesy(STDERR_FILENO, kEraseLine);
  shown_ = false;
}

}  // namespace ron::cli::bench
