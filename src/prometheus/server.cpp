// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/http/server.hpp"

#include <system_error>
#include <utility>

#include <prometheus/text_serializer.h>

#include "ronbus/prometheus.hpp"

#include "src/prometheus/http/address.hpp"
#include "src/prometheus/page/page.hpp"

namespace ron::prometheus {

namespace {

http::Response respond(const ::prometheus::Collectable& metrics, const http::Request& request) {
  if (request.path == "/metrics") {
    return {200, "text/plain; version=0.0.4; charset=utf-8",
            ::prometheus::TextSerializer{}.Serialize(metrics.Collect())};
  }
  if (const auto file = page::file_at(request.path)) {
    return {200, std::string{file->type}, std::string{file->text}};
  }
  if (request.path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
  return http::plain(404);
}

}  // namespace

std::string ServerError::message() const {
  return "cannot serve metrics at '" + address + "': " + problem + "; allowed: " + allowed;
}

class Server::Impl {
 public:
  Impl(http::FileDescriptor listener, std::shared_ptr<const ::prometheus::Collectable> metrics)
      : server_{std::move(listener),
                [collectable = std::move(metrics)](const http::Request& request) {
                  return respond(*collectable, request);
                },
                {}} {}

 private:
  http::Server server_;
};

std::expected<Server, ServerError> Server::start(
    const ServerOptions& options, std::shared_ptr<const ::prometheus::Collectable> metrics) {
  auto listener = http::listen_at(options.address);
  if (!listener) {
    return std::unexpected{
        ServerError{options.address, listener.error().problem, listener.error().allowed}};
  }
  try {
    return Server{std::make_unique<Impl>(std::move(listener->socket), std::move(metrics)),
                  listener->port,
                  "http://" + listener->host + ':' + std::to_string(listener->port) + '/'};
  } catch (const std::system_error& error) {
    return std::unexpected{ServerError{options.address, error.code().message(),
                                       "a process that may have one more thread and descriptor"}};
  }
}

Server::Server(std::unique_ptr<Impl> impl, std::uint16_t port, std::string url)
    : impl_{std::move(impl)}, port_{port}, url_{std::move(url)} {}

Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

}  // namespace ron::prometheus
