// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace ron::cli::top {

/// Where metrics are served.
struct Url {
  bool encrypted = false;
  std::string host;  ///< an address of IPv6 without its brackets
  std::uint16_t port = 0;
  std::string path;  ///< with what follows a question mark

  [[nodiscard]] std::string text() const;

  friend bool operator==(const Url&, const Url&) = default;
};

/// Reads [http[s]://]HOST[:PORT][/PATH], or one line that says what is wrong. Without a path it is
/// /metrics; without a scheme the port is 9464 and the host may be left out, as in ":9464".
[[nodiscard]] std::expected<Url, std::string> url_in(std::string_view text);

}  // namespace ron::cli::top
