// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "src/prometheus/http/file_descriptor.hpp"

namespace ron::test {

/// A connection to a server of this machine. Whoever waits a minute in vain fails.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0)
      : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (receive_buffer != 0) {
      setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  Client& send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) break;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return *this;
  }

  Client& get(std::string_view path) {
    return send("GET " + std::string{path} + " HTTP/1.1\r\nHost: here\r\n\r\n");
  }

  /// The next response, headers and body.
  std::string response() {
    std::size_t end = std::string::npos;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return "";
    }
    std::size_t size = end + 4;
    constexpr std::string_view kLength = "Content-Length: ";
    if (const auto at = input_.find(kLength); at < end) {
      size += std::strtoul(input_.c_str() + at + kLength.size(), nullptr, 10);
    }
    while (input_.size() < size) {
      if (!receive()) return "";
    }
    std::string all = input_.substr(0, size);
    input_.erase(0, size);
    return all;
  }

  /// Everything until the server closes the connection.
  std::string rest() {
    while (receive()) {
    }
    return input_;
  }

 private:
  bool receive() {
    std::array<char, 65536> part;
    const ssize_t count = ::recv(socket_.get(), part.data(), part.size(), 0);
    EXPECT_FALSE(count < 0 && errno == EAGAIN) << "nothing came for a minute";
    if (count <= 0) return false;
    input_.append(part.data(), static_cast<std::size_t>(count));
    return true;
  }

  prometheus::http::FileDescriptor socket_;
  std::string input_;
};

}  // namespace ron::test
