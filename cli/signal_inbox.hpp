// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>

#include "file_descriptor.hpp"

namespace ron::cli {

/// From its construction on, SIGINT, SIGTERM, SIGHUP and SIGCHLD wait here instead of interrupting
/// anything, except those that were ignored before; SIGPIPE is ignored. Make it before the first
/// thread.
class SignalInbox {
 public:
  /// For `more` signals, too. Throws std::system_error.
  SignalInbox(std::initializer_list<int> more = {});

  /// The next signal, if one is waiting.
  [[nodiscard]] std::optional<int> take() noexcept;
  /// Readable while a signal is waiting.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  /// Signals blocked before; for child processes.
  [[nodiscard]] const sigset_t& original_mask() const noexcept { return original_mask_; }

 private:
  sigset_t original_mask_{};
  FileDescriptor descriptor_;
};

}  // namespace ron::cli
