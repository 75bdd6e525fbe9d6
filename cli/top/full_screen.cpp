// SPDX-License-Identifier: MIT OR Apache-2.0
#include "full_screen.hpp"

#include "../terminal.hpp"

namespace ron::cli::top {
namespace {

// The other screen; no cursor; what is too long for a line is cut.
constexpr const char* kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr const char* kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

}  // namespace

FullScreen::FullScreen(int input, int output) : input_{input}, output_{output} { enter(); }

void FullScreen::enter() {
  if (entered_) return;
  entered_ = true;
  termios settings{};
  if (::tcgetattr(input_, &settings) == 0) {
    before_ = settings;
    // Ctrl-S would hold up whatever is written; Ctrl-C goes on to be a signal.
    settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    settings.c_iflag &= ~static_cast<tcflag_t>(IXON);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    ::tcsetattr(input_, TCSADRAIN, &settings);
  }
  write_courtesy(output_, kEnter);
}

void FullScreen::leave() {
  if (!entered_) return;
  entered_ = false;
  write_courtesy(output_, kLeave);
  if (before_) ::tcsetattr(input_, TCSADRAIN, &*before_);
}

void FullScreen::draw(std::span<const std::string> lines) const {
  std::string text = "\x1b[H";
  bool is_first = true;
  for (const std::string& line : lines) {
    if (!is_first) text += "\r\n";
    is_first = false;
    text += line;
    text += "\x1b[K";
  }
  text += "\x1b[J";
  write_courtesy(output_, text);
}

}  // namespace ron::cli::top
