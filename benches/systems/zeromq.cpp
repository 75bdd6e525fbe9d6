// SPDX-License-Identifier: MIT OR Apache-2.0
#include "systems/zeromq.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <string>

#include <fmt/format.h>
#include <sys/resource.h>

#include "harness/check.hpp"

namespace ron::bench::zeromq {
namespace {

void* make_context() {
  constexpr int kSockets = 8192;
  // Every socket needs a file descriptor.
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  void* const context = zmq_ctx_new();
  if (context == nullptr || zmq_ctx_set(context, ZMQ_MAX_SOCKETS, kSockets) != 0) {
    fail("zmq_ctx_new");
  }
  return context;
}

}  // namespace

void* context() {
  static void* const context = make_context();
  return context;
}

void Close::operator()(void* socket) const noexcept { zmq_close(socket); }

void fail(const char* what) {
  throw WrongAnswer{fmt::format("{}: {}", what, zmq_strerror(zmq_errno()))};
}

Socket open(int type) {
  Socket socket{zmq_socket(context(), type)};
  if (socket == nullptr) fail("zmq_socket");
  set(socket, ZMQ_LINGER, 0);
  return socket;
}

void set(const Socket& socket, int option, int value) {
  if (zmq_setsockopt(socket.get(), option, &value, sizeof value) != 0) fail("zmq_setsockopt");
}

std::string address(std::uint64_t system, std::size_t index) {
  return fmt::format("inproc://{}-{}", system, index);
}

std::uint64_t next_system() noexcept {
  static std::atomic<std::uint64_t> systems{0};
  return systems.fetch_add(1, std::memory_order_relaxed);
}

void attend(const Socket& socket, std::size_t subscriptions) {
  std::array<char, 2> subscription{};
  for (;;) {
    const int flags = subscriptions > 0 ? 0 : ZMQ_DONTWAIT;
    if (zmq_recv(socket.get(), subscription.data(), subscription.size(), flags) < 0) {
      if (zmq_errno() == EAGAIN) return;
      fail("zmq_recv");
    }
    if (subscriptions > 0 && subscription[0] == 1) --subscriptions;
  }
}

}  // namespace ron::bench::zeromq
