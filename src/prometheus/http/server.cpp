// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/http/server.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <new>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace ron::prometheus::http {

namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};

/// While it lives, threads are started with all signals blocked: those are for the application.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Server::Server(FileDescriptor listener, Handler handler, const Limits& limits)
    : listener_{std::move(listener)},
      stop_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      handler_{std::move(handler)},
      limits_{limits} {
  if (!stop_) throw std::system_error{errno, std::generic_category()};
  polled_.reserve(limits_.connections + 2);
  const SignalsBlocked blocked;
  thread_ = std::thread{[this] { run(); }};
  pthread_setname_np(thread_.native_handle(), "ron-metrics");
}

Server::~Server() {
  const std::uint64_t one = 1;
  // Cannot fail: nothing else is ever written there.
  [[maybe_unused]] const ssize_t written = ::write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

void Server::run() {
  while (wait()) {
    const Clock::time_point now = Clock::now();
    // polled_[0] is stop_; [1] is listener_; the others are the connections, in their order.
    std::size_t i = 2;
    for (auto it = connections_.begin(); it != connections_.end(); ++i) {
      const bool ready = polled_[i].revents != 0 || it->has_input();
      const bool stays = (!ready || proceed(*it, now)) && it->deadline() > now;
      it = stays ? std::next(it) : connections_.erase(it);
    }
    if (polled_[1].revents != 0) accept_all(now);
  }
}

/// False once the connection is to be closed, also because there was no memory for it.
bool Server::proceed(Connection& connection, Clock::time_point now) const noexcept {
  try {
    return connection.proceed(handler_, now);
  } catch (...) {
    return false;
  }
}

/// Until something is ready or a deadline has passed; false once the server is to stop.
bool Server::wait() {
  const Clock::time_point now = Clock::now();
  polled_.clear();
  polled_.push_back({stop_.get(), POLLIN, 0});
  // A negative descriptor is passed over.
  polled_.push_back({now < accept_from_ ? -1 : listener_.get(), POLLIN, 0});
  for (const Connection& connection : connections_) {
    polled_.push_back({connection.descriptor(), connection.events(), 0});
  }
  if (::poll(polled_.data(), polled_.size(), timeout(now)) < 0) {
    for (pollfd& entry : polled_) entry.revents = 0;
  }
  return polled_[0].revents == 0;
}

int Server::timeout(Clock::time_point now) const {
  Clock::time_point next = now < accept_from_ ? accept_from_ : Clock::time_point::max();
  for (const Connection& connection : connections_) {
    if (connection.has_input()) return 0;
    next = std::min(next, connection.deadline());
  }
  if (next == Clock::time_point::max()) return -1;
  return static_cast<int>(
      std::max(std::chrono::ceil<std::chrono::milliseconds>(next - now).count(), std::int64_t{0}));
}

void Server::accept_all(Clock::time_point now) {
  for (std::size_t i = 0; i < limits_.connections; ++i) {
    FileDescriptor socket{
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        // The client stays in the queue, for which `poll` would return at once again and again.
        make_room();
        accept_from_ = now + kAcceptPause;
      }
      return;
    }
    const int yes = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (connections_.size() >= limits_.connections) make_room();
    try {
      connections_.emplace_back(std::move(socket), limits_, now);
    } catch (const std::bad_alloc&) {
      return;
    }
  }
}

/// Closes the connection that has been quiet for longest.
void Server::make_room() {
  const auto quietest = std::ranges::min_element(
      connections_, {}, [](const Connection& connection) { return connection.quiet_since(); });
  if (quietest != connections_.end()) connections_.erase(quietest);
}

}  // namespace ron::prometheus::http
