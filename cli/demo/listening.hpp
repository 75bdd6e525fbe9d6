// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "ronbus/bus.hpp"

#include "message.hpp"

namespace ron::cli::demo {

/// Serves the metrics of a bus while it lives.
class Listening {
 public:
  virtual ~Listening() = default;

  /// Of the page for people.
  [[nodiscard]] virtual std::string url() const = 0;
};

/// Starts to serve at "host:port"; or one line that says why not, as where the program was built
/// without this.
[[nodiscard]] std::expected<std::unique_ptr<Listening>, std::string> listen(
    const std::string& address, const Bus<Message>& bus);

}  // namespace ron::cli::demo
