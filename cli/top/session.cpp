// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include "../complain.hpp"
#include "../event.hpp"
#include "../exit_code.hpp"
#include "../signal_inbox.hpp"
#include "../terminal.hpp"
#include "../watch/json.hpp"
#include "../watch/watch.hpp"
#include "full_screen.hpp"
#include "keys.hpp"
#include "scraper.hpp"
#include "view.hpp"

namespace ron::cli::top {
namespace {

class Session {
 public:
  explicit Session(const SessionOptions& options)
      : options_{options},
        title_{fmt::format("ronbus top  {}  every {:g} s", options.url.text(),
                           std::chrono::duration<double>{options.interval}.count())},
        unicode_{watch::terminal_has_unicode()},
        view_{options.sort, options.filter},
        scraper_{options.url, options.interval, changed_} {}

  int run() {
    const bool whole_screen = !options_.once && !options_.json && can_draw_on(STDOUT_FILENO);
    while (!exit_code_) {
      wait();
      take_signals();
      if (auto scrape = scraper_.take(); scrape && !exit_code_) note(std::move(*scrape));
      if (exit_code_) break;
      // The first answer decides whether there is anything to show.
      if (whole_screen && !screen_ && scrapes_ > 0) screen_.emplace(STDIN_FILENO, STDOUT_FILENO);
      if (screen_) draw();
    }
    screen_.reset();
    static_cast<void>(std::fflush(stdout));
    if (!scraper_.end()) std::_Exit(*exit_code_);
    return *exit_code_;
  }

 private:
  /// Until there is a signal, a scrape or a key.
  void wait() {
    std::array<pollfd, 3> waited{
        {{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
         {.fd = changed_.descriptor(), .events = POLLIN, .revents = 0},
         {.fd = screen_ && has_keys_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}}};
    if (::poll(waited.data(), waited.size(), -1) <= 0) return;
    changed_.clear();
    if (waited[2].revents != 0) take_keys();
  }

  void take_signals() {
    while (const std::optional<int> signal = signals_.take()) {
      if (*signal == SIGTSTP) {
        stop_for_a_while();
      } else if (*signal != SIGCHLD && *signal != SIGWINCH) {
        exit_code_ = 128 + *signal;
      }
    }
  }

  void stop_for_a_while() {
    if (screen_) screen_->leave();
    static_cast<void>(std::raise(SIGSTOP));
    if (screen_) screen_->enter();
  }

  void take_keys() {
    std::array<char, 256> buffer{};
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count <= 0) {
      has_keys_ = count < 0 && errno == EINTR;
      return;
    }
    for (const Key key : keys_in({buffer.data(), static_cast<std::size_t>(count)})) {
      if (!view_.press(key)) exit_code_ = kSuccess;
    }
  }

  void note(Scrape scrape) {
    ++scrapes_;
    if (!scrape.reading) {
      if (options_.once || scrapes_ == 1) {
        complain(fmt::format("{}: {}", options_.url.text(), scrape.reading.error()));
        exit_code_ = kFailure;
        return;
      }
      const bool is_new = trouble_.empty();
      trouble_ = fmt::format("waiting for {}: {}", options_.url.text(), scrape.reading.error());
      if (is_new && !screen_) complain(trouble_);
      return;
    }
    trouble_.clear();
    if (view_.is_paused()) return;
    watch_.take(*scrape.reading, scrape.at);
    if (screen_ || (scrapes_ == 1 && options_.once)) return;
    if (options_.once || options_.json || !can_draw_on(STDOUT_FILENO)) print();
    if (options_.once && !exit_code_) exit_code_ = kSuccess;
  }

  void draw() {
    const std::string restarts =
        watch_.restarts() == 0 ? "" : fmt::format("  restarts seen: {}", watch_.restarts());
    screen_->draw(view_.screen(watch_, {.title = title_ + restarts, .trouble = trouble_},
                               terminal_size(STDOUT_FILENO), unicode_));
  }

  void print() {
    const auto buses = watch::chosen(watch_.buses(), options_.filter, options_.sort);
    std::string text;
    if (options_.json) {
      using Json = nlohmann::ordered_json;
      const Json json{{"url", options_.url.text()},
                      {"restarts", watch_.restarts()},
                      {"buses", watch::to_json(buses)}};
      text = json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    } else {
      if (printed_) text += '\n';
      for (const std::string& line : watch::table_of(buses, {})) text += line + '\n';
    }
    printed_ = true;
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stdout));
    if (std::fflush(stdout) != 0) {
      complain("cannot write to standard output");
      exit_code_ = kFailure;
    }
  }

  const SessionOptions& options_;
  std::string title_;
  bool unicode_;
  SignalInbox signals_{SIGWINCH, SIGTSTP};
  Event changed_;
  watch::Watch watch_;
  View view_;
  std::uint64_t scrapes_ = 0;
  std::string trouble_;
  bool printed_ = false;
  bool has_keys_ = true;
  std::optional<int> exit_code_;
  std::optional<FullScreen> screen_;
  Scraper scraper_;  // goes first: it sets the event
};

}  // namespace

int run_session(const SessionOptions& options) { return Session{options}.run(); }

}  // namespace ron::cli::top
