// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>

#include <termios.h>

namespace ron::cli::top {

/// Has a terminal to itself while it lives: shows lines, nothing that is typed, and keys arrive one
/// by one. What was there comes back afterwards.
class FullScreen {
 public:
  /// Of these, `input` need not be a terminal.
  FullScreen(int input, int output);
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;
  ~FullScreen() { leave(); }

  /// Shows these lines, from the top.
  void draw(std::span<const std::string> lines) const;
  /// Gives the terminal back, until `enter`.
  void leave();
  void enter();

 private:
  int input_;
  int output_;
  bool entered_ = false;
  std::optional<termios> before_;
};

}  // namespace ron::cli::top
