// SPDX-License-Identifier: MIT OR Apache-2.0
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include "ronbus/prometheus.hpp"

#include "client.hpp"

namespace {

using ron::prometheus::Collector;
using ron::prometheus::Server;
using ron::test::Client;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

auto start(const std::string& address) {
  return Server::start({.address = address}, std::make_shared<Collector>());
}

TEST(MetricsServer, serves_metrics_a_page_and_whether_it_is_there) {
  const auto server = start("127.0.0.1:0");
  ASSERT_TRUE(server);
  EXPECT_NE(server->port(), 0);
  EXPECT_EQ(server->url(), "http://127.0.0.1:" + std::to_string(server->port()) + '/');
  Client client{server->port()};
  EXPECT_THAT(client.get("/metrics").response(),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                    HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
                    HasSubstr("\nron_bus_build_info{")));
  EXPECT_THAT(client.get("/").response(),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                    HasSubstr("Content-Type: text/html; charset=utf-8\r\n"), HasSubstr("metrics")));
  EXPECT_THAT(client.get("/healthz").response(), EndsWith("\r\n\r\nok\n"));
  EXPECT_THAT(client.get("/other").response(), StartsWith("HTTP/1.1 404 Not Found\r\n"));
}

TEST(MetricsServer, an_address_that_is_none_is_an_error_that_says_what_is_allowed) {
  for (const char* address : {"", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                              "127.0.0.1:-1", "127.0.0.1:http", "127.0.0.1:80 ", "example.org:80",
                              "1.2.3:80", "::1:80", "[::1]", "[::g]:80"}) {
    const auto server = start(address);
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().address, address);
    EXPECT_THAT(server.error().message(),
                AllOf(StartsWith("cannot serve metrics at '" + std::string{address} + "': "),
                      HasSubstr("; allowed: host:port with an IPv4 address")));
  }
}

TEST(MetricsServer, an_address_that_cannot_be_had_is_an_error_with_the_reason) {
  const auto server = start("localhost:0");
  ASSERT_TRUE(server);
  const auto second = start("127.0.0.1:" + std::to_string(server->port()));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(), HasSubstr("Address already in use; allowed: "));
  EXPECT_FALSE(start("192.0.2.1:0")) << "the address of another machine";
}

TEST(MetricsServer, ends_with_the_last_owner_and_its_port_is_free_again_at_once) {
  auto first = start("127.0.0.1:0");
  ASSERT_TRUE(first);
  Client client{first->port()};
  EXPECT_NE(client.get("/healthz").response(), "");
  Server moved = std::move(*first);
  EXPECT_NE(client.get("/healthz").response(), "");
  const std::string address = "127.0.0.1:" + std::to_string(moved.port());
  auto other = start("127.0.0.1:0");
  ASSERT_TRUE(other);
  moved = std::move(*other);
  EXPECT_EQ(client.rest(), "");
  EXPECT_TRUE(start(address));
}

}  // namespace
