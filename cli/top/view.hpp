// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "../terminal.hpp"
#include "../watch/table.hpp"
#include "../watch/watch.hpp"
#include "keys.hpp"

namespace ron::cli::top {

/// What is shown of a watch on a whole screen, and how keys change it.
class View {
 public:
  View(watch::Sort sort, std::string filter) : sort_{sort}, filter_{std::move(filter)} {}

  /// Returns false if that ends the program.
  [[nodiscard]] bool press(Key key);
  [[nodiscard]] bool is_paused() const { return paused_; }

  struct Heading {
    std::string title;
    std::string trouble;  ///< empty if there is none
  };
  /// As many lines as the screen has.
  [[nodiscard]] std::vector<std::string> screen(const watch::Watch& watch, const Heading& heading,
                                                TerminalSize size, bool unicode);

 private:
  void edit(Key key);
  void command(char letter);

  watch::Sort sort_;
  std::string filter_;
  bool edits_filter_ = false;
  bool paused_ = false;
  bool ended_ = false;
  std::size_t skipped_ = 0;  ///< lines of the table above the screen
  std::size_t page_ = 1;     ///< lines of the table that the screen shows
};

}  // namespace ron::cli::top
