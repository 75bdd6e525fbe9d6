// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../live_panel.hpp"

namespace ron::cli::tee {

/// A table of progress on a terminal, drawn again and again in the same place.
class LiveTable {
 public:
  static constexpr std::chrono::milliseconds kInterval{200};

  struct Row {
    const std::string& command;
    bool lossy;
    std::uint64_t delivered;
    std::uint64_t missed;
    std::uint64_t behind;
    const char* state;
  };

  /// `descriptor` is the terminal.
  explicit LiveTable(int descriptor) : descriptor_{descriptor}, panel_{descriptor} {}

  [[nodiscard]] bool is_due(std::chrono::steady_clock::time_point now) const {
    return !drawn_at_ || now - *drawn_at_ >= kInterval;
  }
  void draw(std::chrono::steady_clock::time_point now, std::uint64_t lines,
            const std::vector<Row>& rows);
  /// Takes the table away.
  void erase() { panel_.erase(); }

 private:
  int descriptor_;
  LivePanel panel_;
  std::optional<std::chrono::steady_clock::time_point> drawn_at_;
  std::uint64_t lines_ = 0;
};

}  // namespace ron::cli::tee
