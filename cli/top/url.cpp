// SPDX-License-Identifier: MIT OR Apache-2.0
#include "url.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace ron::cli::top {
namespace {

constexpr std::uint16_t kUsualPort = 9464;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

/// A port, 0 if it is none.
std::uint16_t port_in(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), port);
  return failure == std::errc{} && end == text.end() ? port : 0;
}

}  // namespace

std::string Url::text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}{}", encrypted ? "https" : "http", is_v6 ? "[" : "", host,
                     is_v6 ? "]" : "", port, path);
}

std::expected<Url, std::string> url_in(std::string_view text) {
  const auto wrong = [text](std::string_view what) {
    return std::unexpected{fmt::format("'{}' is no URL of metrics: {}", text, what)};
  };
  const auto is_strange = [](char c) { return c <= ' ' || c == '\x7f'; };
  if (std::ranges::any_of(text, is_strange)) {
    return wrong("it has a space or a character that is none of ASCII");
  }
  std::string_view left = text.substr(0, text.find('#'));
  Url url{.encrypted = false, .host = "", .port = kUsualPort, .path = ""};
  const std::size_t scheme_end = left.find("://");
  const bool has_scheme = scheme_end != std::string_view::npos;
  if (has_scheme) {
    const std::string_view scheme = left.substr(0, scheme_end);
    if (scheme != "http" && scheme != "https") return wrong("only http and https are possible");
    url.encrypted = scheme == "https";
    url.port = url.encrypted ? kHttpsPort : kHttpPort;
    left.remove_prefix(scheme_end + 3);
  }
  const std::size_t path_begin = std::min(left.find_first_of("/?"), left.size());
  url.path = left.substr(path_begin);
  if (url.path.empty() || url.path == "/") url.path = "/metrics";
  if (url.path.front() == '?') url.path.insert(0, "/metrics");
  left = left.substr(0, path_begin);
  if (left.find('@') != std::string_view::npos) return wrong("names and passwords are not used");

  std::string_view port;
  bool has_port = false;
  const bool is_bracketed = left.starts_with('[');
  if (is_bracketed) {
    const std::size_t end = left.find(']');
    if (end == std::string_view::npos) return wrong("a bracket is not closed");
    url.host = left.substr(1, end - 1);
    left.remove_prefix(end + 1);
    if (!left.empty() && left.front() != ':') return wrong("a port should follow the bracket");
    has_port = !left.empty();
    port = has_port ? left.substr(1) : left;
  } else {
    const std::size_t colon = left.find(':');
    has_port = colon != std::string_view::npos;
    url.host = left.substr(0, colon);
    if (has_port) port = left.substr(colon + 1);
  }
  if (has_port) {
    url.port = port_in(port);
    if (url.port == 0) return wrong("a port is a number from 1 to 65535");
  }
  if (url.host.find_first_of("[]") != std::string::npos) {
    return wrong("brackets go around an address of IPv6");
  }
  if (url.host.empty()) {
    if (has_scheme || !has_port || is_bracketed) return wrong("it names no host");
    url.host = "127.0.0.1";
  }
  return url;
}

}  // namespace ron::cli::top
