// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "../complain.hpp"
#include "../event.hpp"
#include "../exit_code.hpp"
#include "../live_panel.hpp"
#include "../signal_inbox.hpp"
#include "../terminal.hpp"
#include "../watch/table.hpp"
#include "../watch/watch.hpp"
#include "bus_reading.hpp"
#include "crew.hpp"
#include "listening.hpp"
#include "summary.hpp"

namespace ron::cli::demo {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr milliseconds kDrawInterval{500};

class Session {
 public:
  Session(Bus<Message> bus, const SessionOptions& options)
      : bus_{std::move(bus)}, options_{options} {}

  int run() {
    for (const std::string& warning : bus_.config().warnings) complain("warning: " + warning);
    if (options_.listen) {
      auto listening = listen(*options_.listen, bus_);
      if (!listening) {
        complain(listening.error());
        return kUsage;
      }
      listening_ = std::move(*listening);
      note_url();
    }
    if (!options_.json && can_draw_on(STDERR_FILENO)) panel_.emplace(STDERR_FILENO);
    started_at_ = Clock::now();
    Crew crew{bus_, options_.parameters, published_};
    while (!is_over()) {
      wait_until(next_look());
      draw_if_due();
    }
    const Seconds published_for = Clock::now() - started_at_;
    panel_.reset();
    Summary summary{.parameters = options_.parameters,
                    .accounts = crew.end(),
                    .bus = bus_.snapshot(),
                    .seconds = published_for.count(),
                    .signal = signal_,
                    .failures = {}};
    summary.failures = faults_of(summary.accounts, summary.bus);
    const std::string text = options_.json ? to_json(summary) : to_text(summary);
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stdout));
    const bool written = std::fflush(stdout) == 0;
    if (!written) complain("cannot write to standard output");
    while (options_.stay && listening_ && !signal_) wait_until(std::nullopt);
    if (!summary.failures.empty() || !written) return kFailure;
    return signal_ ? 128 + *signal_ : kSuccess;
  }

 private:
  void note_url() const {
    const std::string line = fmt::format("ronbus: listening at {}\n", listening_->url());
    static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
  }

  [[nodiscard]] bool is_over() const {
    return signal_ || all_published_ ||
           (options_.duration.count() > 0 && Clock::now() >= started_at_ + options_.duration);
  }

  /// When to look at the clock again, if ever.
  [[nodiscard]] std::optional<Clock::time_point> next_look() const {
    std::optional<Clock::time_point> when;
    if (options_.duration.count() > 0) when = started_at_ + options_.duration;
    if (panel_) when = std::min(when.value_or(Clock::time_point::max()), draw_at_);
    return when;
  }

  /// Waits for a signal, for the end of publishing, or until then.
  void wait_until(std::optional<Clock::time_point> when) {
    std::array<pollfd, 2> waited{
        {{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
         {.fd = all_published_ ? -1 : published_.descriptor(), .events = POLLIN, .revents = 0}}};
    int timeout = -1;
    if (when) {
      // Not longer than a day at once, which fits.
      constexpr milliseconds kDay = std::chrono::hours{24};
      const auto left = std::chrono::ceil<milliseconds>(*when - Clock::now());
      timeout = static_cast<int>(std::clamp(left, milliseconds{0}, kDay).count());
    }
    if (::poll(waited.data(), waited.size(), timeout) <= 0) return;
    if ((waited[1].revents & POLLIN) != 0) all_published_ = true;
    while (const std::optional<int> signal = signals_.take()) {
      if (*signal == SIGCHLD) continue;
      signal_ = signal;
    }
  }

  void draw_if_due() {
    const Clock::time_point now = Clock::now();
    if (!panel_ || now < draw_at_) return;
    draw_at_ = now + kDrawInterval;
    watch_.take({reading_of(bus_.snapshot())}, now);
    const TerminalSize size = terminal_size(STDERR_FILENO);
    std::vector<std::string> lines =
        watch::table_of(watch::chosen(watch_.buses(), "", watch::Sort::Name),
                        {.columns = size.columns, .unicode = unicode_, .colour = true});
    // The line above, one for what is left out, and none is left to scroll.
    const std::size_t most = size.rows > 3 ? size.rows - 3 : 0;
    if (lines.size() > most) {
      const std::size_t more = lines.size() - most;
      lines.resize(most);
      lines.push_back(fmt::format("and {} more", more));
    }
    panel_->draw(lines);
  }

  Bus<Message> bus_;
  const SessionOptions& options_;
  SignalInbox signals_;
  Event published_;
  bool all_published_ = false;
  std::optional<int> signal_;
  std::unique_ptr<Listening> listening_;
  std::optional<LivePanel> panel_;
  bool unicode_ = watch::terminal_has_unicode();
  watch::Watch watch_;
  Clock::time_point started_at_;
  Clock::time_point draw_at_;
};

}  // namespace

int run_session(Bus<Message> bus, const SessionOptions& options) {
  return Session{std::move(bus), options}.run();
}

}  // namespace ron::cli::demo
