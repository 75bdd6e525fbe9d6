// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <csignal>
#include <expected>
#include <optional>
#include <string>

#include <sys/types.h>

#include "file_descriptor.hpp"

namespace ron::cli::tee {

/// A command that reads from a pipe. It stays in our process group, so that Ctrl-C reaches it, too.
class ChildProcess {
 public:
  struct Options {
    int pipe_size;         ///< bytes; taken as a wish
    sigset_t signal_mask;  ///< which signals it blocks
  };

  /// Runs `command` by /bin/sh; or why that is not possible.
  [[nodiscard]] static std::expected<ChildProcess, std::string> start(const std::string& command,
                                                                      const Options& options);

  /// The end of the pipe to write to; does not block.
  [[nodiscard]] int input() const noexcept { return input_.get(); }
  void close_input() noexcept;
  /// After close_input(): bytes that the command has not read.
  [[nodiscard]] int unread() const noexcept;

  /// Takes note of its end, if it has ended.
  void look() noexcept;
  /// As `waitpid` gives it; nothing while the command runs.
  [[nodiscard]] std::optional<int> wait_status() const noexcept { return wait_status_; }
  void send(int signal) const noexcept;

 private:
  ChildProcess(pid_t pid, FileDescriptor input) noexcept : pid_{pid}, input_{std::move(input)} {}

  pid_t pid_;
  FileDescriptor input_;
  FileDescriptor remains_;  ///< an end of the pipe to look into
  std::optional<int> wait_status_;
};

}  // namespace ron::cli::tee
