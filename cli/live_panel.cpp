// SPDX-License-Identifier: MIT OR Apache-2.0
#include "live_panel.hpp"

#include <string_view>

#include <fmt/format.h>

#include "terminal.hpp"

namespace ron::cli {
namespace {

constexpr std::string_view kEraseBelow = "\r\x1b[J";

}  // namespace

void LivePanel::draw(std::span<const std::string> lines) {
  std::string text{kEraseBelow};
  for (const std::string& line : lines) {
    text += "\r\n";
    text += line;
  }
  text += '\r';
  if (!lines.empty()) text += fmt::format("\x1b[{}A", lines.size());
  write_courtesy(descriptor_, text);
  drawn_ = true;
}

void LivePanel::erase() {
  if (drawn_) write_courtesy(descriptor_, kEraseBelow);
  drawn_ = false;
}

}  // namespace ron::cli
