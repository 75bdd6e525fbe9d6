// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <csignal>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "../file_descriptor.hpp"

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
  /// Whether it has ended, and with it all that signal_tree() was meant for.
  [[nodiscard]] bool is_over() const noexcept;
  /// Sends a signal to the command and to all processes it had started when this was first called:
  /// a shell that is killed leaves what it waits for behind.
  void signal_tree(int signal);

 private:
  ChildProcess(pid_t pid, FileDescriptor input) noexcept : pid_{pid}, input_{std::move(input)} {}

  pid_t pid_;
  FileDescriptor input_;
  FileDescriptor remains_;  ///< an end of the pipe to look into
  std::optional<int> wait_status_;
  bool tree_known_ = false;
  std::vector<FileDescriptor> tree_;  ///< a pidfd of each process below the command
};

}  // namespace ron::cli::tee
