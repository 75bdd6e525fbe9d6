// SPDX-License-Identifier: MIT OR Apache-2.0
#include "progress_line.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "../terminal.hpp"

namespace ron::cli::soak {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine() : shown_{can_draw_on(STDERR_FILENO)} {}

void ProgressLine::draw(Clock::time_point now, const Progress& progress) {
  double rate = 0;
  if (drawn_at_) {
    const double seconds = std::chrono::duration<double>{now - *drawn_at_}.count();
    rate = static_cast<double>(progress.events - events_) / std::max(seconds, 1e-3);
  }
  drawn_at_ = now;
  events_ = progress.events;
  std::string line =
      fmt::format("soak {:5.1f} %  {} left  {:.1f} M events  {:.2f} M/s  lost {:.4f} %  {:.1f} MiB",
                  100 * progress.share_done, clock_text(progress.left),
                  static_cast<double>(progress.events) / 1e6, rate / 1e6, 100 * progress.lost_share,
                  static_cast<double>(progress.memory_kib) / 1024);
  if (const std::size_t width = terminal_size(STDERR_FILENO).columns; line.size() >= width)
    line.resize(width - 1);
  write_courtesy(STDERR_FILENO, std::string{kEraseLine} + line);
}

void ProgressLine::erase() {
  if (drawn_at_) write_courtesy(STDERR_FILENO, kEraseLine);
  drawn_at_.reset();
}

std::string clock_text(std::chrono::duration<double> time) {
  constexpr long kMinute = 60;
  constexpr long kHour = 3600;
  const long seconds = std::lround(std::max(time.count(), 0.0));
  if (seconds < kHour) return fmt::format("{}:{:02}", seconds / kMinute, seconds % kMinute);
  return fmt::format("{}:{:02}:{:02}", seconds / kHour, seconds % kHour / kMinute,
                     seconds % kMinute);
}

}  // namespace ron::cli::soak
