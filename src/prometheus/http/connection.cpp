// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/http/connection.hpp"

#include <array>
#include <cerrno>
#include <exception>

#include <poll.h>
#include <sys/socket.h>

namespace ron::prometheus::http {

namespace {

constexpr std::chrono::seconds kDrainTime{2};

bool try_later() { return errno == EAGAIN || errno == EINTR; }

Response response_of(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception&) {
    return plain(500);
  }
}

}  // namespace

short Connection::events() const noexcept { return state_ == State::Writing ? POLLOUT : POLLIN; }

bool Connection::proceed(const Handler& handler, Clock::time_point now) {
  if (state_ == State::Reading && !read(handler, now)) return false;
  if (state_ == State::Writing && !write(now)) return false;
  return state_ != State::Draining || drain();
}

bool Connection::read(const Handler& handler, Clock::time_point now) {
  if (!unread_) {
    const std::size_t before = input_.size();
    input_.resize(limits_->request_bytes);
    const ssize_t count = ::recv(socket_.get(), input_.data() + before, input_.size() - before, 0);
    input_.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count == 0) return false;
    if (count < 0) return try_later();
    if (before == 0) deadline_ = now + limits_->request;
  }
  unread_ = false;

  const ParseResult result = parse_request(input_, limits_->request_bytes);
  if (const auto* rejected = std::get_if<Rejected>(&result)) {
    answer(plain(rejected->status), false, false, now);
  } else if (const auto* parsed = std::get_if<Parsed>(&result)) {
    const Request& request = parsed->request;
    input_.erase(0, parsed->size);
    unread_ = !input_.empty();
    answer(response_of(handler, request), request.head, request.keep_alive, now);
  }
  return true;
}

void Connection::answer(const Response& response, bool head, bool keep_alive,
                        Clock::time_point now) {
  output_ = render(response, head, keep_alive);
  written_ = 0;
  keep_alive_ = keep_alive;
  state_ = State::Writing;
  quiet_since_ = now;
  deadline_ = now + limits_->response;
}

bool Connection::write(Clock::time_point now) {
  while (written_ < output_.size()) {
    const ssize_t count =
        ::send(socket_.get(), output_.data() + written_, output_.size() - written_, MSG_NOSIGNAL);
    if (count < 0) return try_later();
    written_ += static_cast<std::size_t>(count);
    quiet_since_ = now;
  }
  output_.clear();
  if (keep_alive_) {
    state_ = State::Reading;
    deadline_ = now + (input_.empty() ? limits_->idle : limits_->request);
    return true;
  }
  ::shutdown(socket_.get(), SHUT_WR);
  state_ = State::Draining;
  deadline_ = now + kDrainTime;
  return true;
}

bool Connection::drain() {
  std::array<char, 4096> unwanted;
  const ssize_t count = ::recv(socket_.get(), unwanted.data(), unwanted.size(), 0);
  return count > 0 || (count < 0 && try_later());
}

}  // namespace ron::prometheus::http
