// SPDX-License-Identifier: MIT OR Apache-2.0
#include <string>
#include <string_view>
#include <variant>

#include <gmock/gmock.h>

#include "src/prometheus/http/message.hpp"

namespace {

using namespace ron::prometheus::http;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kLimit = 256;

int rejected_with(std::string_view input) {
  const auto result = parse_request(input, kLimit);
  const auto* rejected = std::get_if<Rejected>(&result);
  return rejected == nullptr ? 0 : rejected->status;
}

Parsed parsed(std::string_view input) {
  const auto result = parse_request(input, kLimit);
  const auto* good = std::get_if<Parsed>(&result);
  EXPECT_NE(good, nullptr) << input;
  return good == nullptr ? Parsed{} : *good;
}

TEST(HttpMessage, a_request_tells_path_method_and_whether_another_one_may_follow) {
  const auto plain_get = parsed("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET");
  EXPECT_EQ(plain_get.request.path, "/metrics");
  EXPECT_FALSE(plain_get.request.head);
  EXPECT_TRUE(plain_get.request.keep_alive);
  EXPECT_EQ(plain_get.size, std::string_view{"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"}.size());

  EXPECT_TRUE(parsed("HEAD / HTTP/1.1\r\n\r\n").request.head);
  EXPECT_EQ(parsed("GET /a?b=/c HTTP/1.1\r\n\r\n").request.path, "/a");
  EXPECT_EQ(parsed("GET http://host:1/a HTTP/1.1\r\n\r\n").request.path, "/a");
  EXPECT_EQ(parsed("GET http://host HTTP/1.1\r\n\r\n").request.path, "/");
  EXPECT_EQ(parsed("\r\n\nGET /a HTTP/1.1\nHost: a\n\n").request.path, "/a");

  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").request.keep_alive);
  EXPECT_TRUE(parsed("GET / HTTP/1.0\r\nconnection: x, Keep-Alive\r\n\r\n").request.keep_alive);
  EXPECT_FALSE(parsed("GET / HTTP/1.1\r\nConnection:Close\r\n\r\n").request.keep_alive);
}

TEST(HttpMessage, every_beginning_of_a_request_is_incomplete) {
  const std::string_view whole = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto result = parse_request(whole.substr(0, size), kLimit);
    EXPECT_TRUE(std::holds_alternative<Incomplete>(result)) << size;
  }
}

TEST(HttpMessage, what_is_not_to_be_answered_is_rejected_with_its_reason) {
  EXPECT_EQ(rejected_with("GET /\r\n\r\n"), 400);
  EXPECT_EQ(rejected_with("G\x01T / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(rejected_with("GET  / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(rejected_with("GET metrics HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(rejected_with("\x16\x03\x01 hello\n"), 400) << "TLS";
  EXPECT_EQ(rejected_with("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(rejected_with("GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n"), 400);
  EXPECT_EQ(rejected_with("POST / HTTP/1.1\r\n\r\n"), 405);
  EXPECT_EQ(rejected_with("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"), 413);
  EXPECT_EQ(rejected_with("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 413);
  EXPECT_EQ(rejected_with("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(rejected_with("GET /" + std::string(kLimit, 'a')), 431);
  EXPECT_EQ(rejected_with("GET / HTTP/1.1\r\nA: " + std::string(kLimit, 'a') + "\r\n\r\n"), 431);
}

TEST(HttpMessage, a_response_has_its_length_also_where_its_body_is_not_sent) {
  const Response response{200, "text/plain", "abc"};
  EXPECT_EQ(render(response, false, true),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'\r\n"
            "Connection: keep-alive\r\n\r\nabc");
  EXPECT_THAT(render(response, true, false), HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(render(response, true, false), HasSubstr("Connection: close\r\n\r\n"));
  EXPECT_THAT(render(response, true, false), Not(HasSubstr("abc")));
  EXPECT_THAT(render(plain(405), false, false), HasSubstr("Allow: GET, HEAD\r\n"));
}

}  // namespace
