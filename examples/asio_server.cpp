// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A server on Asio that pushes the events of a bus to every TCP client, one coroutine each. A
// client that reads slowly slows nobody: its events pile up in the bus, and it is told how many it
// missed.
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <ronbus/asio.hpp>
#include <ronbus/ronbus.hpp>

namespace {

using asio::use_awaitable;
using asio::ip::tcp;

constexpr std::uint64_t kEvents = 10'000;
constexpr std::size_t kClients = 3;

/// Until the bus is closed. If the client goes first, writing throws, and the session ends.
asio::awaitable<void> serve(tcp::socket client, ron::Subscriber<std::string> rx) {
  for (;;) {
    const auto event = co_await ron::async_recv(rx, use_awaitable);
    std::string line;
    if (event) {
      line = "event " + *event + '\n';
    } else if (event.error() == ron::RecvError::Lagged) {
      line = "missed " + std::to_string(event.error().missed()) + '\n';
    } else {
      break;
    }
    co_await asio::async_write(client, asio::buffer(line), use_awaitable);
  }
}

asio::awaitable<void> accept_clients(tcp::acceptor& acceptor, const ron::Bus<std::string>& bus) {
  for (std::size_t i = 0; i < kClients; ++i) {
    tcp::socket client = co_await acceptor.async_accept(use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(client), bus.subscribe()),
                   asio::detached);
  }
}

/// Checks that it is sent every event in order, or told how many are left out.
asio::awaitable<void> check(tcp::endpoint server, std::size_t number) {
  tcp::socket socket{co_await asio::this_coro::executor};
  co_await socket.async_connect(server, use_awaitable);
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  bool in_order = true;
  std::string buffer;
  try {
    for (;;) {
      const std::size_t length = co_await asio::async_read_until(
          socket, asio::dynamic_buffer(buffer), '\n', use_awaitable);
      const std::string_view line{buffer.data(), length};
      const std::uint64_t value = std::stoull(buffer.substr(line.find(' ') + 1));
      if (line.starts_with("missed ")) {
        missed += value;
      } else {
        in_order = in_order && value == received + missed;
        ++received;
      }
      buffer.erase(0, length);
    }
  } catch (const std::system_error& end) {
    if (end.code() != asio::error::eof) throw;
  }
  std::cout << "client " << number
            << (in_order && received + missed == kEvents ? ": every event in order, or told of it\n"
                                                         : ": something is wrong\n");
}

}  // namespace

int main() {
  const auto bus = ron::BusBuilder{}.cap(1024).build<std::string>();
  if (!bus) return 2;
  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  asio::co_spawn(io, accept_clients(acceptor, *bus), asio::detached);
  for (std::size_t i = 1; i <= kClients; ++i) {
    asio::co_spawn(io, check(acceptor.local_endpoint(), i), asio::detached);
  }

  std::jthread publisher{[&bus] {
    if (!bus->wait_for_subscribers(kClients)) return;
    for (std::uint64_t i = 0; i < kEvents; ++i) bus->publish(std::to_string(i));
    bus->close();
  }};
  io.run();
}
