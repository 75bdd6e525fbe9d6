// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What of HTTP/1.1 it takes to hand out a few pages: GET and HEAD without a body.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace ron::prometheus::http {

struct Request {
  std::string path;         ///< without the query
  bool head = false;        ///< asks for the headers only
  bool keep_alive = false;  ///< the client wants to ask again
};

struct Response {
  int status = 200;
  std::string type;
  std::string body;
};

/// More has to come before the request can be read.
struct Incomplete {};

/// A request that is not answered but with this status, after which nothing is read any more.
struct Rejected {
  int status = 400;
};

/// A request and how many bytes of the input it took.
struct Parsed {
  Request request;
  std::size_t size = 0;
};

using ParseResult = std::variant<Incomplete, Rejected, Parsed>;

/// Reads the first request of the input. One whose line and headers are longer than `limit` is
/// rejected, be it complete or not.
[[nodiscard]] ParseResult parse_request(std::string_view input, std::size_t limit);

/// The response as it goes over the wire; without its body if the request asked for that.
[[nodiscard]] std::string render(const Response& response, bool head, bool keep_alive);

/// A response that says nothing but its status.
[[nodiscard]] Response plain(int status);

}  // namespace ron::prometheus::http
