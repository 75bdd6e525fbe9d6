// SPDX-License-Identifier: MIT OR Apache-2.0
#include "consumer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "line_count.hpp"

namespace ron::cli::tee {
namespace {

/// Runs that lie side by side are written together up to about this size.
constexpr std::size_t kPieceSize = std::size_t{128} << 10;

}  // namespace

void Consumer::start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void Consumer::stop() noexcept {
  thread_.request_stop();
  stop_event_.set();
}

void Consumer::abort() noexcept {
  aborted_.store(true, std::memory_order_relaxed);  // ordered by the system calls around the event
  abort_event_.set();
  stop();
}

void Consumer::leave() noexcept {
  gone_.store(true, std::memory_order_relaxed);
  stop();
}

void Consumer::run(const std::stop_token& stop) {
  while (gather(stop) && write_piece(stop)) {
  }
  if (end_ == End::Stopped && gone_.load(std::memory_order_relaxed)) end_ = End::Gone;
  if (end_ == End::Stopped) count_what_is_left();
  messages_ = subscriber_->received() + subscriber_->missed();
  subscriber_.reset();  // publishers need not wait for it any more
  done_.store(true, std::memory_order_release);
  changed_.set();
}

/// Waits for the next run and adds those that follow it in the same block.
bool Consumer::gather(const std::stop_token& stop) {
  held_.clear();
  piece_ = {};
  piece_lines_ = 0;
  while (received_.lines == 0) {
    if (stop.stop_requested()) {
      end_ = End::Stopped;
      return false;
    }
    if (!receive(&stop) && end_ != End::None) return false;
  }
  hold(std::exchange(received_, {}));
  while (piece_.size() < kPieceSize && receive(nullptr)) {
    if (received_.bytes.text().data() != piece_.data() + piece_.size()) break;
    hold(std::exchange(received_, {}));
  }
  // The end may have come into view with lines to write still.
  if (end_ == End::TookAll) end_ = End::None;
  return true;
}

/// Receives a run with lines, and waits for it if told so. On false, `end_` tells whether there
/// will be one.
bool Consumer::receive(const std::stop_token* wait_until_stop) {
  for (;;) {
    auto run =
        wait_until_stop != nullptr ? subscriber_->recv(*wait_until_stop) : subscriber_->try_recv();
    if (run) {
      account_for_gap(*run);
      if (run->lines == 0) continue;
      received_ = std::move(*run);
      return true;
    }
    if (run.error() == RecvError::Lagged) {
      lagged_ += run.error().missed();
      continue;
    }
    if (run.error() == RecvError::Closed) end_ = End::TookAll;
    if (run.error() == RecvError::Stopped) end_ = End::Stopped;
    return false;
  }
}

void Consumer::account_for_gap(const LineRun& run) {
  const bool lost = lagged_ > 0;
  if (run.index - next_index_ != lagged_) consistent_ = false;
  if (lost ? run.first_line < next_line_ : run.first_line != next_line_) consistent_ = false;
  if (lost && !lossy_) consistent_ = false;
  add_missed(run.first_line - next_line_);
  next_line_ = run.first_line + run.lines;
  next_index_ = run.index + 1;
  lagged_ = 0;
}

void Consumer::hold(LineRun run) {
  const std::string_view text = run.bytes.text();
  piece_ = piece_.empty() ? text : std::string_view{piece_.data(), piece_.size() + text.size()};
  piece_lines_ += run.lines;
  held_.push_back(std::move(run));
}

/// Writes what is held, or as many whole lines of it as there is room for before it must end. On
/// false, `end_` tells why this was the last piece.
bool Consumer::write_piece(const std::stop_token& stop) {
  std::string_view target = piece_;
  std::size_t written = 0;
  std::size_t counted = 0;  // bytes whose lines are counted as delivered
  std::uint64_t lines = 0;  // lines in them
  while (written < target.size()) {
    const ssize_t count = ::write(pipe_, target.data() + written, target.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) {
      end_ = errno == EPIPE ? End::Gone : End::WriteFailed;
      break;
    }
    if (count > 0) written += static_cast<std::size_t>(count);
    if (written == target.size()) break;

    const std::uint64_t more = count_newlines(target.substr(counted, written - counted));
    counted = written;
    lines += more;
    add_delivered(more);
    if (!wait_for_room()) {
      end_ = End::Stopped;
      break;
    }
    const bool stopped = stop.stop_requested();
    if (stopped && !std::exchange(finishing_, true)) {
      finish_by_ = std::chrono::steady_clock::now() + grace_;
    }
    if (stopped || was_overtaken()) {
      const bool within_line = written > 0 && target[written - 1] != '\n';
      const std::size_t newline = within_line ? target.find('\n', written) : written - 1;
      target = target.substr(0, newline == std::string_view::npos ? newline : newline + 1);
    }
  }

  // The last line of the input may have no newline: it is delivered when all of it is.
  const bool whole = written == piece_.size();
  const std::uint64_t total =
      whole ? piece_lines_ : lines + count_newlines(piece_.substr(counted, written - counted));
  add_delivered(total - lines);
  if (end_ != End::Gone) add_missed(piece_lines_ - total);
  if (end_ == End::None && finishing_) end_ = End::Stopped;
  return end_ == End::None;
}

/// Waits until the pipe takes something again or has no reader, or a stop is asked for for the
/// first time. False if that takes too long after a stop.
bool Consumer::wait_for_room() {
  using namespace std::chrono;
  const int event = finishing_ ? abort_event_.descriptor() : stop_event_.descriptor();
  std::array<pollfd, 2> waited{{{.fd = pipe_, .events = POLLOUT, .revents = 0},
                                {.fd = event, .events = POLLIN, .revents = 0}}};
  for (;;) {
    int timeout = -1;
    if (finishing_) {
      const auto left = ceil<milliseconds>(finish_by_ - steady_clock::now());
      timeout = static_cast<int>(std::max<milliseconds::rep>(left.count(), 0));
    }
    const int ready = ::poll(waited.data(), waited.size(), timeout);
    if (ready < 0 && errno == EINTR) continue;
    if (aborted_.load(std::memory_order_relaxed)) return false;
    return ready != 0;
  }
}

/// Whether the bus has overwritten messages that this one did not receive.
bool Consumer::was_overtaken() const noexcept {
  return lossy_ && subscriber_->lag() > subscriber_->capacity();
}

/// After a stop, when the bus is closed: what was received or is retained counts as missed.
void Consumer::count_what_is_left() {
  add_missed(received_.lines);
  received_ = {};
  while (receive(nullptr)) {
    add_missed(received_.lines);
    received_ = {};
  }
  end_ = End::Stopped;
}

void Consumer::add_delivered(std::uint64_t lines) noexcept {
  if (lines > 0) delivered_.fetch_add(lines, std::memory_order_relaxed);
}

void Consumer::add_missed(std::uint64_t lines) noexcept {
  if (lines > 0) missed_.fetch_add(lines, std::memory_order_relaxed);
}

}  // namespace ron::cli::tee
