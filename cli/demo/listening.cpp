// SPDX-License-Identifier: MIT OR Apache-2.0
#include "listening.hpp"

#ifdef RONBUS_CLI_LISTENS

#include <utility>

#include "ronbus/prometheus.hpp"

namespace ron::cli::demo {
namespace {

class Serving final : public Listening {
 public:
  explicit Serving(prometheus::Server server) : server_{std::move(server)} {}

  [[nodiscard]] std::string url() const override { return server_.url(); }

 private:
  prometheus::Server server_;
};

}  // namespace

std::expected<std::unique_ptr<Listening>, std::string> listen(const std::string& address,
                                                              const Bus<Message>& bus) {
  auto collector = std::make_shared<prometheus::Collector>();
  collector->add(bus);
  auto server = prometheus::Server::start({.address = address}, std::move(collector));
  if (!server) return std::unexpected{server.error().message()};
  return std::make_unique<Serving>(std::move(*server));
}

}  // namespace ron::cli::demo

#else

namespace ron::cli::demo {

std::expected<std::unique_ptr<Listening>, std::string> listen(const std::string& /*address*/,
                                                              const Bus<Message>& /*bus*/) {
  return std::unexpected{
      "--listen: this ronbus was built without prometheus-cpp (Debian: prometheus-cpp-dev)"};
}

}  // namespace ron::cli::demo

#endif
