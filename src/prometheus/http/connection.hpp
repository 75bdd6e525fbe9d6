// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "src/prometheus/http/file_descriptor.hpp"
#include "src/prometheus/http/limits.hpp"

namespace ron::prometheus::http {

/// One client. Never blocks: goes on by one step each time that its socket is ready.
class Connection {
 public:
  Connection(FileDescriptor socket, const Limits& limits, Clock::time_point now)
      : socket_{std::move(socket)},
        limits_{&limits},
        quiet_since_{now},
        deadline_{now + limits.idle} {}

  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  /// What `poll` is to wait for.
  [[nodiscard]] short events() const noexcept;
  /// There is input left that may hold a request, so that the socket need not be waited for.
  [[nodiscard]] bool has_input() const noexcept { return state_ == State::Reading && unread_; }
  /// When the client has taken too long.
  [[nodiscard]] Clock::time_point deadline() const noexcept { return deadline_; }
  [[nodiscard]] Clock::time_point quiet_since() const noexcept { return quiet_since_; }

  /// Reads, answers at most one request, writes. False once the connection is to be closed.
  [[nodiscard]] bool proceed(const Handler& handler, Clock::time_point now);

 private:
  enum class State : unsigned char {
    Reading,
    Writing,
    /// Everything is said. Input is thrown away until the client is done, since closing a socket
    /// with unread input could cost the client what it has not read yet.
    Draining,
  };

  [[nodiscard]] bool read(const Handler& handler, Clock::time_point now);
  [[nodiscard]] bool write(Clock::time_point now);
  [[nodiscard]] bool drain();
  void answer(const Response& response, bool head, bool keep_alive, Clock::time_point now);

  FileDescriptor socket_;
  const Limits* limits_;
  State state_ = State::Reading;
  bool keep_alive_ = true;
  bool unread_ = false;  ///< `input_` holds what has not been looked at
  std::string input_;
  std::string output_;
  std::size_t written_ = 0;
  Clock::time_point quiet_since_;
  Clock::time_point deadline_;
};

}  // namespace ron::prometheus::http
