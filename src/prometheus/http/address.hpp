// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "src/prometheus/http/file_descriptor.hpp"

namespace ron::prometheus::http {

/// A socket that listens, and where.
struct Listener {
  FileDescriptor socket;
  std::string host;  ///< as given, in brackets if it is IPv6
  std::uint16_t port = 0;
};

struct ListenError {
  std::string problem;
  std::string allowed;
};

/// Listens at "host:port": an IPv4 address, an IPv6 address in brackets or "localhost", and a port,
/// where 0 stands for any that is free. Looks no name up.
[[nodiscard]] std::expected<Listener, ListenError> listen_at(std::string_view address);

}  // namespace ron::prometheus::http
