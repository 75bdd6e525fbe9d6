// SPDX-License-Identifier: MIT OR Apache-2.0
#include "child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// POSIX has it in no header; glibc has, with _GNU_SOURCE.
extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace ron::cli::tee {
namespace {

/// Owns what `posix_spawn` is to do.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }

  void read_from(int descriptor) {
    posix_spawn_file_actions_adddup2(&actions_, descriptor, STDIN_FILENO);
  }
  void set_signals(const sigset_t& mask) {
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setsigmask(&attributes_, &mask);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  /// Returns an error number.
  [[nodiscard]] int run(pid_t& pid, const char* program, char* const* arguments) const {
    return ::posix_spawn(&pid, program, &actions_, &attributes_, arguments, environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

bool has_ended(const FileDescriptor& process) {
  pollfd waited{.fd = process.get(), .events = POLLIN, .revents = 0};
  return ::poll(&waited, 1, 0) == 1;
}

/// A pidfd: it stands for this process even after its number is used again.
FileDescriptor open_process(pid_t pid) {
  return FileDescriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

/// Adds a pidfd of every process below `pid`.
void collect_descendants(pid_t pid, std::vector<FileDescriptor>& found) {
  std::error_code ignored;
  for (const auto& thread :
       std::filesystem::directory_iterator{fmt::format("/proc/{}/task", pid), ignored}) {
    std::ifstream children{thread.path() / "children"};
    for (pid_t child = 0; children >> child;) {
      FileDescriptor process = open_process(child);
      if (process) found.push_back(std::move(process));
      collect_descendants(child, found);
    }
  }
}

}  // namespace

std::expected<ChildProcess, std::string> ChildProcess::start(const std::string& command,
                                                             const Options& options) {
  const auto failed = [&command](int error) {
    return std::unexpected{
        fmt::format("cannot start '{}': {}", command, std::generic_category().message(error))};
  };
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(errno);
  const FileDescriptor output{ends[0]};
  FileDescriptor input{ends[1]};
  ::fcntl(input.get(), F_SETPIPE_SZ, options.pipe_size);
  if (::fcntl(input.get(), F_SETFL, O_NONBLOCK) != 0) return failed(errno);

  SpawnPlan plan;
  plan.read_from(output.get());
  plan.set_signals(options.signal_mask);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string end_of_flags = "--";
  std::string text = command;
  const std::array<char*, 5> arguments{shell.data(), flag.data(), end_of_flags.data(), text.data(),
                                       nullptr};
  pid_t pid = 0;
  const int error = plan.run(pid, "/bin/sh", arguments.data());
  if (error != 0) return failed(error);
  return ChildProcess{pid, std::move(input)};
}

void ChildProcess::close_input() noexcept {
  if (!input_) return;
  // A second reading end, opened by way of the writing end, to see how much is in the pipe. It
  // does not keep the command from seeing the end of its input.
  const std::string path = fmt::format("/proc/self/fd/{}", input_.get());
  remains_ = FileDescriptor{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  input_.close();
}

int ChildProcess::unread() const noexcept {
  int bytes = 0;
  if (!remains_ || ::ioctl(remains_.get(), FIONREAD, &bytes) != 0) return 0;
  return bytes;
}

void ChildProcess::look() noexcept {
  if (wait_status_) return;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) wait_status_ = status;
}

bool ChildProcess::is_over() const noexcept {
  return wait_status_ && std::ranges::all_of(tree_, has_ended);
}

void ChildProcess::signal_tree(int signal) {
  if (!std::exchange(tree_known_, true) && !wait_status_) collect_descendants(pid_, tree_);
  if (!wait_status_) ::kill(pid_, signal);
  for (const FileDescriptor& process : tree_) {
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
  }
}

}  // namespace ron::cli::tee
