// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/http/message.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace ron::prometheus::http {

namespace {

/// Takes the next line, without its end, off the front of a text; nothing if no line ends there.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view{"!#$%&'*+-.^_`|~"}.contains(static_cast<char>(c));
  });
}

/// Reads "GET /path?query HTTP/1.1" into a request; the status to reject it with, or 0.
int read_request_line(std::string_view line, Request& request) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return 400;
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(method) || target.empty() || target.contains(' ')) return 400;
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return version.starts_with("HTTP/") ? 505 : 400;
  if (method != "GET" && method != "HEAD") return 405;
  if (constexpr std::string_view kScheme = "http://"; target.starts_with(kScheme)) {
    target.remove_prefix(std::min(target.find('/', kScheme.size()), target.size()));
    if (target.empty()) target = "/";
  }
  if (!target.starts_with('/')) return 400;
  request.head = method == "HEAD";
  request.path = target.substr(0, target.find('?'));
  request.keep_alive = version == "HTTP/1.1";
  return 0;
}

/// Takes note of what matters of a header; the status to reject the request with, or 0.
int read_header(std::string_view line, Request& request) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return 400;
  const std::string_view name = line.substr(0, colon);
  std::string_view value = trimmed(line.substr(colon + 1));
  if (same_word(name, "Transfer-Encoding")) return 413;
  if (same_word(name, "Content-Length") && value != "0") return 413;
  if (same_word(name, "Connection")) {
    while (!value.empty()) {
      const std::size_t comma = std::min(value.find(','), value.size());
      const std::string_view option = trimmed(value.substr(0, comma));
      value.remove_prefix(std::min(comma + 1, value.size()));
      if (same_word(option, "close")) {
        request.keep_alive = false;
        break;
      }
      if (same_word(option, "keep-alive")) request.keep_alive = true;
    }
  }
  return 0;
}

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

}  // namespace

ParseResult parse_request(std::string_view input, std::size_t limit) {
  const std::size_t available = input.size();
  const std::string_view within = input.substr(0, limit);
  std::string_view rest = within;
  std::optional<std::string_view> line = take_line(rest);
  // Some clients end what they sent before with an empty line too many.
  while (line && line->empty()) line = take_line(rest);

  Parsed parsed;
  bool first = true;
  while (line && !line->empty()) {
    const int status =
        first ? read_request_line(*line, parsed.request) : read_header(*line, parsed.request);
    if (status != 0) return Rejected{status};
    first = false;
    line = take_line(rest);
  }
  if (!line) {
    if (available >= limit) return Rejected{431};
    return Incomplete{};
  }
  parsed.size = within.size() - rest.size();
  return parsed;
}

std::string render(const Response& response, bool head, bool keep_alive) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  text += reason(response.status);
  text += "\r\nContent-Type: " + response.type;
  text += "\r\nContent-Length: " + std::to_string(response.body.size());
  if (response.status == 405) text += "\r\nAllow: GET, HEAD";
  text += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff";
  // Pages get nothing from elsewhere, and run nothing but files from here.
  text +=
      "\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
      "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";
  text += "\r\nConnection: ";
  text += keep_alive ? "keep-alive\r\n\r\n" : "close\r\n\r\n";
  if (!head) text += response.body;
  return text;
}

Response plain(int status) {
  std::string body = std::to_string(status) + ' ';
  body += reason(status);
  body += '\n';
  return {status, "text/plain; charset=utf-8", std::move(body)};
}

}  // namespace ron::prometheus::http
