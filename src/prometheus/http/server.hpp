// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <list>
#include <thread>
#include <vector>

#include <poll.h>

#include "src/prometheus/http/connection.hpp"
#include "src/prometheus/http/file_descriptor.hpp"
#include "src/prometheus/http/limits.hpp"

namespace ron::prometheus::http {

/// Serves all clients of a listening socket with one thread, which waits for all of their sockets
/// at once: whoever says nothing, sends byte by byte or does not read keeps up nobody but itself.
/// The destructor closes all connections and waits for no client, only for the response that is
/// being made.
class Server {
 public:
  /// Throws std::system_error if there are no descriptors or threads left.
  Server(FileDescriptor listener, Handler handler, const Limits& limits);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

 private:
  using Connections = std::list<Connection>;

  void run();
  [[nodiscard]] bool wait();
  [[nodiscard]] bool proceed(Connection& connection, Clock::time_point now) const noexcept;
  void accept_all(Clock::time_point now);
  void make_room();
  [[nodiscard]] int timeout(Clock::time_point now) const;

  FileDescriptor listener_;
  FileDescriptor stop_;
  const Handler handler_;
  const Limits limits_;
  Connections connections_;
  /// When clients are accepted again, after the process had no descriptor for another one.
  Clock::time_point accept_from_;
  std::vector<pollfd> polled_;
  std::thread thread_;
};

}  // namespace ron::prometheus::http
