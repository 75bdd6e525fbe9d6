// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/http/address.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ron::prometheus::http {

namespace {

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] sockaddr* generic() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

std::optional<std::uint16_t> port_named(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<Endpoint> endpoint(std::string_view host, std::uint16_t port) {
  Endpoint end;
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    const std::string inner{host.substr(1, host.size() - 2)};
    if (inet_pton(AF_INET6, inner.c_str(), &address.sin6_addr) != 1) return std::nullopt;
    std::memcpy(&end.storage, &address, end.size = sizeof(address));
    return end;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  const std::string name{host == "localhost" ? "127.0.0.1" : host};
  if (inet_pton(AF_INET, name.c_str(), &address.sin_addr) != 1) return std::nullopt;
  std::memcpy(&end.storage, &address, end.size = sizeof(address));
  return end;
}

std::uint16_t port_of(const FileDescriptor& socket) {
  Endpoint end;
  end.size = sizeof(end.storage);
  if (getsockname(socket.get(), end.generic(), &end.size) != 0) return 0;
  if (end.storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &end.storage, sizeof(address));
    return ntohs(address.sin6_port);
  }
  sockaddr_in address{};
  std::memcpy(&address, &end.storage, sizeof(address));
  return ntohs(address.sin_port);
}

std::unexpected<ListenError> system_error() {
  return std::unexpected{ListenError{std::generic_category().message(errno),
                                     "an address of this machine with a port that is free; port 0 "
                                     "stands for any"}};
}

}  // namespace

std::expected<Listener, ListenError> listen_at(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  const auto port = colon == std::string_view::npos ? std::optional<std::uint16_t>{}
                                                    : port_named(address.substr(colon + 1));
  const std::string_view host = address.substr(0, colon);
  auto end = port ? endpoint(host, *port) : std::optional<Endpoint>{};
  if (!end) {
    return std::unexpected{
        ListenError{"not an address",
                    "host:port with an IPv4 address, an IPv6 address in brackets or localhost, and "
                    "a port from 0 (any that is free) to 65535, such as 127.0.0.1:9464"}};
  }

  Listener listener;
  listener.host = host;
  listener.socket = FileDescriptor{
      ::socket(end->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!listener.socket) return system_error();
  // A restarted process need not wait until the connections of the one before are forgotten.
  const int yes = 1;
  setsockopt(listener.socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (::bind(listener.socket.get(), end->generic(), end->size) != 0) return system_error();
  if (::listen(listener.socket.get(), SOMAXCONN) != 0) return system_error();
  listener.port = port_of(listener.socket);
  return listener;
}

}  // namespace ron::prometheus::http
