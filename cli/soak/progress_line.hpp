// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace ron::cli::soak {

/// How far a soak is.
struct Progress {
  std::uint64_t events = 0;
  double share_done = 0;
  std::chrono::duration<double> left{0};
  double lost_share = 0;
  std::uint64_t memory_kib = 0;
};

/// One line on standard error that is written again and again, if that is a terminal.
class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;

  ProgressLine();

  [[nodiscard]] bool is_due(Clock::time_point now) const noexcept {
    return shown_ && (!drawn_at_ || now - *drawn_at_ >= kInterval);
  }
  void draw(Clock::time_point now, const Progress& progress);
  /// Takes the line away.
  void erase();

 private:
  static constexpr std::chrono::milliseconds kInterval{500};

  bool shown_;
  std::optional<Clock::time_point> drawn_at_;
  std::uint64_t events_ = 0;
};

/// 3725 seconds as 1:02:05.
[[nodiscard]] std::string clock_text(std::chrono::duration<double> time);

}  // namespace ron::cli::soak
