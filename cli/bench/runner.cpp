// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runner.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// POSIX has it in no header; glibc has, with _GNU_SOURCE.
extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace ron::cli::bench {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Far more than the longest answer.
constexpr std::size_t kLongestAnswer = 1 << 20;
constexpr std::size_t kKeptComplaints = 4096;
/// For a process that has closed its output, or that was killed, to be gone.
constexpr milliseconds kTimeToEnd{1000};

/// Both ends of a pipe.
struct Pipe {
  FileDescriptor out;
  FileDescriptor in;
};

std::expected<Pipe, int> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected{errno};
  return Pipe{.out = FileDescriptor{ends[0]}, .in = FileDescriptor{ends[1]}};
}

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

  void connect(int descriptor, int target) {
    posix_spawn_file_actions_adddup2(&actions_, descriptor, target);
  }
  void set_signals(const sigset_t& mask) {
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setsigmask(&attributes_, &mask);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
  }
  /// Returns an error number.
  [[nodiscard]] int run(pid_t& pid, const std::string& program) const {
    std::string name = program;
    const std::array<char*, 2> arguments{name.data(), nullptr};
    return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

bool becomes_readable(int descriptor, milliseconds limit) {
  pollfd waited{.fd = descriptor, .events = POLLIN, .revents = 0};
  const auto end = Clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    const int ready =
        ::poll(&waited, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

/// Appends what can be read at once; false at the end of input.
bool read_some(int descriptor, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string{text.substr(text.rfind('\n') + 1)};  // npos + 1 is the beginning
}

std::string ending(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const char* const name = ::sigabbrev_np(WTERMSIG(wait_status));
    return name != nullptr ? fmt::format("killed by SIG{}", name)
                           : fmt::format("killed by signal {}", WTERMSIG(wait_status));
  }
  return fmt::format("exit {}", WEXITSTATUS(wait_status));
}

}  // namespace

std::expected<Runner, std::string> Runner::start(const std::filesystem::path& path,
                                                 SignalInbox& signals) {
  const auto failed = [](int error) {
    return std::unexpected{
        fmt::format("cannot be started: {}", std::generic_category().message(error))};
  };
  auto requests = make_pipe();
  auto answers = make_pipe();
  auto complaints = make_pipe();
  for (const auto* const pipe : {&requests, &answers, &complaints}) {
    if (!*pipe) return failed(pipe->error());
  }
  // A runner that does not read must not stop us; nor must one that says nothing.
  for (const int descriptor : {requests->in.get(), answers->out.get(), complaints->out.get()}) {
    if (::fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0) return failed(errno);
  }
  SpawnPlan plan;
  plan.connect(requests->out.get(), STDIN_FILENO);
  plan.connect(answers->in.get(), STDOUT_FILENO);
  plan.connect(complaints->in.get(), STDERR_FILENO);
  plan.set_signals(signals.original_mask());
  pid_t pid = 0;
  const int error = plan.run(pid, path.string());
  if (error != 0) return failed(error);
  return Runner{path.filename().string(), pid,
                Pipes{.requests = std::move(requests->in),
                      .answers = std::move(answers->out),
                      .complaints = std::move(complaints->out)},
                signals};
}

Runner::Runner(std::string name, pid_t pid, Pipes pipes, SignalInbox& signals)
    : name_{std::move(name)},
      pid_{pid},
      process_{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))},
      pipes_{std::move(pipes)},
      signals_{signals} {}

Runner::Runner(Runner&& other) noexcept
    : name_{std::move(other.name_)},
      pid_{std::exchange(other.pid_, 0)},
      process_{std::move(other.process_)},
      pipes_{std::move(other.pipes_)},
      signals_{other.signals_},
      answers_{std::move(other.answers_)},
      complaints_{std::move(other.complaints_)} {}

std::expected<std::string, NoAnswer> Runner::ask(std::string_view request, milliseconds limit) {
  if (!is_alive()) return std::unexpected{NoAnswer{.reason = "is not running", .signal = {}}};
  // What it says now cannot be an answer to this, and would be taken for one.
  if (becomes_readable(pipes_.answers.get(), milliseconds{0})) {
    if (!read_some(pipes_.answers.get(), answers_)) return std::unexpected{died()};
    return std::unexpected{give_up("answered more than it was asked")};
  }
  const auto end = Clock::now() + limit;
  const std::string line = fmt::format("{}\n", request);
  // Requests are shorter than PIPE_BUF, so they are written as a whole or not at all.
  const ssize_t written = ::write(pipes_.requests.get(), line.data(), line.size());
  if (written < 0) return std::unexpected{died()};

  for (;;) {
    if (auto answer = take_line()) {
      if (answers_.empty()) return std::move(*answer);
      return std::unexpected{give_up("answered more than it was asked")};
    }
    if (answers_.size() > kLongestAnswer) {
      return std::unexpected{give_up("answered nonsense: a line without end")};
    }
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    if (left.count() <= 0) {
      return std::unexpected{give_up(fmt::format(
          "gave no answer within {} s", std::chrono::ceil<std::chrono::seconds>(limit).count()))};
    }
    std::array<pollfd, 3> waited{{{.fd = pipes_.answers.get(), .events = POLLIN, .revents = 0},
                                  {.fd = pipes_.complaints.get(), .events = POLLIN, .revents = 0},
                                  {.fd = signals_.descriptor(), .events = POLLIN, .revents = 0}}};
    if (::poll(waited.data(), waited.size(), static_cast<int>(left.count())) <= 0) continue;
    if (waited[1].revents != 0) take_complaints();
    while (const auto signal = signals_.take()) {
      if (*signal == SIGCHLD) continue;
      NoAnswer interrupted = give_up("was interrupted");
      interrupted.signal = signal;
      return std::unexpected{std::move(interrupted)};
    }
    if (waited[0].revents != 0 && !read_some(pipes_.answers.get(), answers_)) {
      return std::unexpected{died()};
    }
  }
}

void Runner::quit(milliseconds limit) {
  if (!is_alive()) return;
  constexpr std::string_view kQuit = "quit\n";
  [[maybe_unused]] const ssize_t written =
      ::write(pipes_.requests.get(), kQuit.data(), kQuit.size());
  pipes_.requests.close();
  becomes_readable(process_.get(), limit);
  kill();
}

void Runner::kill() noexcept {
  if (!is_alive()) return;
  // The group's number is ours until the process has been waited for.
  ::kill(-pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, 0), nullptr, 0);
}

std::optional<std::string> Runner::take_line() {
  const std::size_t newline = answers_.find('\n');
  if (newline == std::string::npos) return std::nullopt;
  std::string line = answers_.substr(0, newline);
  answers_.erase(0, newline + 1);
  return line;
}

NoAnswer Runner::give_up(std::string reason) {
  take_complaints();
  kill();
  if (const std::string last = last_line(complaints_); !last.empty()) reason += ": " + last;
  return {.reason = std::move(reason), .signal = {}};
}

NoAnswer Runner::died() {
  std::string reason = "closed its output";
  if (becomes_readable(process_.get(), kTimeToEnd)) {
    int status = 0;
    ::kill(-pid_, SIGKILL);  // what it has left behind
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    reason = fmt::format("died ({})", ending(status));
  }
  return give_up(std::move(reason));
}

void Runner::take_complaints() {
  if (!pipes_.complaints) return;
  while (becomes_readable(pipes_.complaints.get(), milliseconds{0})) {
    if (!read_some(pipes_.complaints.get(), complaints_)) {
      pipes_.complaints.close();
      break;
    }
    if (complaints_.size() > 2 * kKeptComplaints) {
      complaints_.erase(0, complaints_.size() - kKeptComplaints);
    }
  }
}

}  // namespace ron::cli::bench
