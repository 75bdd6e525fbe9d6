// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "../file_descriptor.hpp"
#include "../signal_inbox.hpp"

namespace ron::cli::bench {

/// Why there is no answer.
struct NoAnswer {
  std::string reason;
  std::optional<int> signal;  ///< the one that ended the waiting
};

/// A runner process, in a process group of its own so that Ctrl-C does not reach it. It is killed
/// with all that it started when it gave no answer, and when this is destroyed.
class Runner {
 public:
  /// Or why it cannot be started.
  [[nodiscard]] static std::expected<Runner, std::string> start(const std::filesystem::path& path,
                                                                SignalInbox& signals);
  Runner(Runner&& other) noexcept;
  Runner& operator=(Runner&&) = delete;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() { kill(); }

  /// Sends a line and waits for one. Whoever gets no answer has no runner any more.
  [[nodiscard]] std::expected<std::string, NoAnswer> ask(std::string_view request,
                                                         std::chrono::milliseconds limit);
  /// Asks it to end, and sees to it that it does.
  void quit(std::chrono::milliseconds limit);
  void kill() noexcept;

  [[nodiscard]] bool is_alive() const noexcept { return pid_ > 0; }
  /// The process group; 0 once it has ended.
  [[nodiscard]] pid_t group() const noexcept { return pid_; }
  /// Of its file.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  struct Pipes {
    FileDescriptor requests;
    FileDescriptor answers;
    FileDescriptor complaints;
  };

  Runner(std::string name, pid_t pid, Pipes pipes, SignalInbox& signals);

  [[nodiscard]] std::optional<std::string> take_line();
  [[nodiscard]] NoAnswer give_up(std::string reason);
  [[nodiscard]] NoAnswer died();
  void take_complaints();

  std::string name_;
  pid_t pid_;
  FileDescriptor process_;  ///< a pidfd
  Pipes pipes_;
  SignalInbox& signals_;
  std::string answers_;     ///< read and not yet taken
  std::string complaints_;  ///< the end of its standard error
};

}  // namespace ron::cli::bench
