// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ron::cli::bench {

/// One line of progress on standard error, if that is a terminal that can draw.
class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { erase(); }

  /// `what` is being done now, and `share` of everything is done; `left` is how long the rest
  /// takes.
  void show(double share, std::string_view what, std::optional<std::chrono::seconds> left);
  void erase();

 private:
  bool possible_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point shown_at_;
};

}  // namespace ron::cli::bench
