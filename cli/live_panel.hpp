// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>
#include <string>

namespace ron::cli {

/// Some lines at the end of what a terminal shows, drawn again and again in the same place. The
/// cursor rests on an empty line above them, so that what others write to the terminal stands
/// there, and is not erased when the lines are drawn below it.
class LivePanel {
 public:
  /// `descriptor` is the terminal.
  explicit LivePanel(int descriptor) : descriptor_{descriptor} {}
  LivePanel(const LivePanel&) = delete;
  LivePanel& operator=(const LivePanel&) = delete;
  ~LivePanel() { erase(); }

  /// The lines have to fit into the terminal.
  void draw(std::span<const std::string> lines);
  /// Takes them away.
  void erase();

 private:
  int descriptor_;
  bool drawn_ = false;
};

}  // namespace ron::cli
