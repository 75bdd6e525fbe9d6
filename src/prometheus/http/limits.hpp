// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "src/prometheus/http/message.hpp"

namespace ron::prometheus::http {

using Clock = std::chrono::steady_clock;
using Handler = std::function<Response(const Request&)>;

/// What clients may take of the server.
struct Limits {
  /// Open at the same time; one more takes the place of the one that has been quiet for longest.
  std::size_t connections = 64;
  std::size_t request_bytes = 8192;
  /// Between two requests. Longer than the usual scrape interval of a minute.
  std::chrono::milliseconds idle{90'000};
  /// From the first byte of a request to its last.
  std::chrono::milliseconds request{10'000};
  /// For a response to be taken.
  std::chrono::milliseconds response{30'000};
};

}  // namespace ron::prometheus::http
