// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "ronbus/subscriber.hpp"

#include "../complain.hpp"
#include "../event.hpp"
#include "../exit_code.hpp"
#include "../signal_inbox.hpp"
#include "../terminal.hpp"
#include "broadcaster.hpp"
#include "child_process.hpp"
#include "consumer.hpp"
#include "live_table.hpp"
#include "summary.hpp"

namespace ron::cli::tee {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// A large pipe lets a plain command and its writer take turns less often.
constexpr int kPlainPipe = 1 << 20;
/// A small one keeps what a slow command reads recent.
constexpr int kLossyPipe = 1 << 14;
/// How often deadlines are looked at while there are any.
constexpr milliseconds kTick{50};
/// Even with less grace than this, a command gets it to end after its input.
constexpr milliseconds kLeastTimeToEnd{500};

/// A command and all that is known about it.
class Command {
 public:
  Command(std::string text, bool lossy, ChildProcess child, Subscriber<LineRun> subscriber,
          milliseconds grace, Event& changed)
      : text_{std::move(text)},
        lossy_{lossy},
        child_{std::move(child)},
        consumer_{child_.input(), lossy, std::move(subscriber), grace, changed} {}

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool lossy() const { return lossy_; }
  [[nodiscard]] Consumer& consumer() { return consumer_; }
  [[nodiscard]] const Consumer& consumer() const { return consumer_; }
  [[nodiscard]] const ChildProcess& child() const { return child_; }

  /// The pipe to watch for the loss of its reader; -1 when there is no more need.
  [[nodiscard]] int watched_pipe() const {
    return input_closed() || reader_lost_ ? -1 : child_.input();
  }
  void lose_reader() {
    reader_lost_ = true;
    consumer_.leave();
  }

  [[nodiscard]] bool input_closed() const { return input_closed_; }
  [[nodiscard]] bool is_over() const { return input_closed() && child_.is_over(); }
  [[nodiscard]] bool was_terminated() const { return terminated_; }

  /// Notices what has happened, and closes the input when all is written.
  void look(Clock::time_point now) {
    child_.look();
    if (input_closed() || !consumer_.is_done()) return;
    child_.close_input();
    input_closed_ = true;
    closed_at_ = now;
    read_at_ = now;
    unread_ = child_.unread();
  }

  /// Terminates the command if it had `patience` to end after its input (and after `since`), or to
  /// read on.
  void end_if_stuck(Clock::time_point now, milliseconds patience,
                    std::optional<Clock::time_point> since) {
    if (!input_closed() || is_over()) return;
    if (terminated_) {
      if (now - terminated_at_ >= patience) child_.signal_tree(SIGKILL);
      return;
    }
    if (const int unread = child_.unread(); unread != unread_) {
      unread_ = unread;
      read_at_ = now;
    }
    const bool ignores_input = lossy_ && unread_ > 0 && now - read_at_ >= patience;
    const bool must_end =
        since && now - std::max(since.value_or(closed_at_), closed_at_) >= patience;
    if (!ignores_input && !must_end) return;
    child_.signal_tree(SIGTERM);
    terminated_ = true;
    terminated_at_ = now;
  }

  void kill() {
    consumer_.abort();
    child_.signal_tree(SIGKILL);
  }

 private:
  std::string text_;
  bool lossy_;
  ChildProcess child_;
  bool reader_lost_ = false;
  bool input_closed_ = false;
  Clock::time_point closed_at_;
  bool terminated_ = false;
  Clock::time_point terminated_at_;
  Clock::time_point read_at_;  ///< when it last read, once the input is closed
  int unread_ = 0;
  Consumer consumer_;  // goes first: it writes into the pipe of the child
};

class Session {
 public:
  Session(Bus<LineRun> bus, const SessionOptions& options)
      : bus_{std::move(bus)},
        options_{options},
        patience_{std::max(options.grace, kLeastTimeToEnd)},
        broadcaster_{STDIN_FILENO, bus_, changed_} {}

  int run() {
    if (!start_commands()) return kFailure;
    const std::vector<std::string>& warnings = bus_.config().warnings;
    if (!options_.json) {
      for (const std::string& warning : warnings) complain("warning: " + warning);
      if (can_draw_on(STDERR_FILENO)) table_ = std::make_unique<LiveTable>(STDERR_FILENO);
    }
    started_at_ = Clock::now();
    for (const auto& command : commands_) command->consumer().start();
    broadcaster_.start();
    while (!is_over()) {
      wait();
      look();
    }
    if (table_) table_->erase();
    const Summary summary = summarise();
    const std::string text = options_.json ? to_json(summary) : to_text(summary);
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
    return summary.exit_code;
  }

 private:
  [[nodiscard]] bool start_commands() {
    const auto start = [this](const std::string& text, bool lossy) {
      auto child = ChildProcess::start(text, {.pipe_size = lossy ? kLossyPipe : kPlainPipe,
                                              .signal_mask = signals_.original_mask()});
      if (!child) {
        complain(child.error());
        return false;
      }
      commands_.push_back(std::make_unique<Command>(text, lossy, std::move(*child),
                                                    bus_.subscribe({.gating = !lossy}),
                                                    options_.grace, changed_));
      return true;
    };
    return std::ranges::all_of(options_.plain,
                               [&](const auto& text) { return start(text, false); }) &&
           std::ranges::all_of(options_.lossy, [&](const auto& text) { return start(text, true); });
  }

  [[nodiscard]] bool is_over() const {
    return broadcaster_.is_done() &&
           std::ranges::all_of(commands_, [](const auto& command) { return command->is_over(); });
  }

  /// Waits for a signal, for a thread that is done, for a pipe that loses its reader, or until it
  /// is time to look at the clock.
  void wait() {
    std::vector<pollfd> waited{{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
                               {.fd = changed_.descriptor(), .events = POLLIN, .revents = 0}};
    for (const auto& command : commands_) {
      waited.push_back({.fd = command->watched_pipe(), .events = 0, .revents = 0});
    }
    int timeout = -1;
    if (table_) timeout = static_cast<int>(LiveTable::kInterval.count());
    if (broadcaster_.is_done()) timeout = static_cast<int>(kTick.count());
    if (::poll(waited.data(), waited.size(), timeout) <= 0) return;
    changed_.clear();
    for (std::size_t i = 0; i < commands_.size(); ++i) {
      if ((waited[i + 2].revents & POLLERR) != 0) commands_[i]->lose_reader();
    }
  }

  void look() {
    while (const std::optional<int> signal = signals_.take()) {
      if (*signal != SIGCHLD) interrupt(*signal);
    }
    const Clock::time_point now = Clock::now();
    const bool input_ended = broadcaster_.is_done();
    if (input_ended && !input_ended_at_) input_ended_at_ = now;
    for (const auto& command : commands_) {
      command->look(now);
      if (!input_ended) continue;
      const bool has_deadline = command->lossy() || interrupted_at_;
      if (has_deadline && now - *input_ended_at_ >= options_.grace) command->consumer().stop();
      command->end_if_stuck(now, patience_, interrupted_at_);
    }
    const auto is_closed = [](const auto& command) { return command->input_closed(); };
    if (!input_ended && std::ranges::all_of(commands_, is_closed)) broadcaster_.stop();
    const auto has_all = [](const auto& command) {
      return command->lossy() || command->input_closed();
    };
    if (input_ended && !delivered_at_ && std::ranges::all_of(commands_, has_all)) {
      delivered_at_ = now;
    }
    if (table_ && table_->is_due(now)) draw(now);
  }

  void interrupt(int signal) {
    if (signal_) {
      for (const auto& command : commands_) command->kill();
      return;
    }
    signal_ = signal;
    interrupted_at_ = Clock::now();
    broadcaster_.stop();
  }

  void draw(Clock::time_point now) {
    const std::uint64_t lines = broadcaster_.lines();
    std::vector<LiveTable::Row> rows;
    rows.reserve(commands_.size());
    for (const auto& command : commands_) {
      const std::uint64_t delivered = command->consumer().delivered();
      const std::uint64_t missed = command->consumer().missed();
      const bool reads = !command->input_closed();
      // Counted by different threads: the sum may be ahead for a moment.
      const std::uint64_t behind = reads ? lines - std::min(lines, delivered + missed) : 0;
      const char* state = reads ? "reads" : "ends";
      if (command->is_over()) state = "ended";
      rows.push_back({command->text(), command->lossy(), delivered, missed, behind, state});
    }
    table_->draw(now, lines, rows);
  }

  [[nodiscard]] Summary summarise() const {
    Summary summary;
    summary.lines = broadcaster_.lines();
    summary.bytes = broadcaster_.bytes();
    const Clock::time_point now = Clock::now();
    const auto since_start = [this](Clock::time_point when) {
      return std::chrono::duration<double>{when - started_at_}.count();
    };
    summary.seconds = since_start(delivered_at_.value_or(now));
    summary.total_seconds = since_start(now);
    summary.signal = signal_;
    summary.warnings = bus_.config().warnings;
    if (!broadcaster_.error().empty()) summary.errors.push_back(broadcaster_.error());

    for (const auto& command : commands_) {
      const Consumer& consumer = command->consumer();
      CommandSummary& entry = summary.commands.emplace_back();
      entry.command = command->text();
      entry.lossy = command->lossy();
      entry.delivered = consumer.delivered();
      entry.missed = consumer.missed();
      entry.left_early = consumer.end() == Consumer::End::Gone;
      entry.terminated = command->was_terminated();
      entry.wait_status = command->child().wait_status().value_or(0);
      if (consumer.end() == Consumer::End::WriteFailed) {
        summary.errors.push_back(fmt::format("cannot write to '{}'", entry.command));
      }
      if (entry.left_early || consumer.end() == Consumer::End::WriteFailed) {
        entry.missed = summary.lines - entry.delivered;  // nobody counted after it left
      } else {
        check(consumer, entry, summary);
      }
    }
    const bool all_well = std::ranges::all_of(
        summary.commands, [](const CommandSummary& entry) { return entry.exit_status() == 0; });
    summary.exit_code = all_well && summary.errors.empty() ? kSuccess : kFailure;
    if (signal_) summary.exit_code = 128 + *signal_;
    return summary;
  }

  /// That every line and every message is accounted for, as the bus promises.
  void check(const Consumer& consumer, const CommandSummary& entry, Summary& summary) const {
    if (entry.delivered + entry.missed == summary.lines && consumer.is_consistent() &&
        consumer.messages() == broadcaster_.runs()) {
      return;
    }
    summary.errors.push_back(
        fmt::format("internal error: of {} lines in {} messages, '{}' accounts for {} delivered "
                    "and {} missed in "
                    "{} messages",
                    summary.lines, broadcaster_.runs(), entry.command, entry.delivered,
                    entry.missed, consumer.messages()));
  }

  Bus<LineRun> bus_;
  const SessionOptions& options_;
  const milliseconds patience_;
  SignalInbox signals_;
  Event changed_;
  std::vector<std::unique_ptr<Command>> commands_;
  Broadcaster broadcaster_;
  std::unique_ptr<LiveTable> table_;
  Clock::time_point started_at_;
  std::optional<Clock::time_point> input_ended_at_;
  std::optional<Clock::time_point> delivered_at_;
  std::optional<int> signal_;
  std::optional<Clock::time_point> interrupted_at_;
};

/// Descriptors 0 to 2 that are closed get one that can neither be read nor written to any effect,
/// so that no pipe ends up as standard input or output.
void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace

int run_session(Bus<LineRun> bus, const SessionOptions& options) {
  occupy_standard_descriptors();
  return Session{std::move(bus), options}.run();
}

}  // namespace ron::cli::tee
