// SPDX-License-Identifier: MIT OR Apache-2.0
#include <chrono>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "client.hpp"
#include "src/prometheus/http/address.hpp"
#include "src/prometheus/http/server.hpp"

namespace {

using namespace ron::prometheus::http;
using namespace std::chrono_literals;
using ron::test::Client;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kLarge = 16U << 20U;

Response respond(const Request& request) {
  if (request.path == "/fails") throw std::runtime_error{"no"};
  if (request.path == "/large") return {200, "text/plain", std::string(kLarge, 'a')};
  return {200, "text/plain", "this is " + request.path};
}

class HttpServer : public testing::Test {
 protected:
  void start(const Limits& limits = {}) {
    auto listener = listen_at("127.0.0.1:0");
    ASSERT_TRUE(listener);
    port = listener->port;
    server = std::make_unique<Server>(std::move(listener->socket), respond, limits);
  }

  std::uint16_t port = 0;
  std::unique_ptr<Server> server;
};

TEST_F(HttpServer, one_connection_asks_as_often_as_it_likes) {
  start();
  Client client{port};
  EXPECT_THAT(client.get("/a").response(), EndsWith("\r\n\r\nthis is /a"));
  EXPECT_THAT(client.get("/b").response(), EndsWith("\r\n\r\nthis is /b"));
  EXPECT_THAT(client.send("HEAD /c HTTP/1.0\r\n\r\n").rest(), EndsWith("\r\n\r\n"));
}

TEST_F(HttpServer, requests_that_were_sent_at_once_are_answered_in_their_order) {
  start();
  Client client{port};
  client.send(
      "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.response(), EndsWith("this is /a"));
  EXPECT_THAT(client.response(), EndsWith("this is /b"));
  EXPECT_THAT(client.rest(), EndsWith("this is /c"));
}

TEST_F(HttpServer, a_request_may_come_in_pieces) {
  start();
  Client client{port};
  for (const char c : std::string{"GET /a HTTP/1.1\r\nHost: b\r\n\r\n"}) client.send({&c, 1});
  EXPECT_THAT(client.response(), EndsWith("this is /a"));
}

TEST_F(HttpServer, a_rejected_client_reads_why_although_it_has_sent_more) {
  start();
  EXPECT_THAT(Client{port}.send("POST / HTTP/1.1\r\n\r\n" + std::string(100'000, 'a')).rest(),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Client{port}.send("GET /" + std::string(10'000, 'a')).rest(),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServer, a_handler_that_fails_costs_its_request_only) {
  start();
  Client client{port};
  EXPECT_THAT(client.get("/fails").response(), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(client.get("/a").response(), EndsWith("this is /a"));
}

TEST_F(HttpServer, silent_clients_keep_nobody_waiting_however_many) {
  start({.connections = 4});
  std::deque<Client> silent;
  for (int i = 0; i < 20; ++i) silent.emplace_back(port).send(i % 2 == 0 ? "" : "GET /");
  EXPECT_THAT(Client{port}.get("/a").response(), EndsWith("this is /a"));
  // Those who were there first made room.
  EXPECT_EQ(silent.front().rest(), "");
}

TEST_F(HttpServer, a_client_that_does_not_read_keeps_nobody_waiting) {
  start();
  Client slow{port, 4096};
  slow.get("/large");
  EXPECT_THAT(Client{port}.get("/a").response(), EndsWith("this is /a"));
  EXPECT_GT(slow.response().size(), kLarge);
}

TEST_F(HttpServer, whoever_takes_too_long_is_disconnected) {
  start({.idle = 5ms, .request = 1h});
  EXPECT_EQ(Client{port}.rest(), "") << "said nothing";
  start({.idle = 1h, .request = 5ms});
  EXPECT_EQ(Client{port}.send("GET /").rest(), "") << "did not go on";
  start({.idle = 5ms, .request = 1h});
  EXPECT_THAT(Client{port}.get("/a").rest(), EndsWith("this is /a")) << "did not ask again";
  start({.response = 0ms});
  EXPECT_LT(Client(port, 4096).get("/large").rest().size(), kLarge) << "did not read at once";
}

TEST_F(HttpServer, the_end_waits_for_no_client) {
  start();
  Client idle{port};
  EXPECT_THAT(idle.get("/a").response(), EndsWith("this is /a"));
  Client silent{port};
  Client midway{port};
  midway.send("GET /");
  Client reader{port, 4096};
  reader.get("/large");
  server.reset();
  EXPECT_EQ(idle.rest(), "");
  EXPECT_LT(reader.rest().size(), kLarge);
}

}  // namespace
