// SPDX-License-Identifier: MIT OR Apache-2.0
#include "terminal.hpp"

#include <cerrno>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace ron::cli {

bool can_draw_on(int descriptor) {
  // Nobody in this program changes the environment.
  const char* const terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe)
  return ::isatty(descriptor) == 1 && terminal != nullptr && std::string_view{terminal} != "dumb";
}

TerminalSize terminal_size(int descriptor) {
  TerminalSize result;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return result;
  if (size.ws_col > 0) result.columns = size.ws_col;
  if (size.ws_row > 0) result.rows = size.ws_row;
  return result;
}

void write_courtesy(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace ron::cli
