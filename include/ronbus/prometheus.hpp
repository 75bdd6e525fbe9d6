// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The component `ronbus::prometheus`: what buses count, for Prometheus to fetch.
//
//     auto collector = std::make_shared<ron::prometheus::Collector>();
//     collector->add(bus);
//     auto server = ron::prometheus::Server::start({.address = "127.0.0.1:9464"}, collector);
//     if (!server) return std::cerr << server.error().message() << '\n', 2;
//
// docs/METRICS.md lists the metrics. Programs that serve metrics of their own register the
// collector with their Exposer of prometheus-cpp instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "ronbus/bus.hpp"
#include "ronbus/snapshot.hpp"

namespace ron::prometheus {

struct CollectorOptions {
  /// How many names of subscribers of one bus get a label of their own, in the order in which they
  /// are first seen. All others are summed under the label "(other)".
  std::size_t labelled_subscribers = 100;
};

/// Turns snapshots of any number of buses into metrics whenever it is asked to: they are as exact
/// as the snapshots, and in between it costs nothing. All functions may be called from any thread
/// at the same time; they allocate, and wait at most for each other.
///
/// A collector keeps no bus alive. What it told of a bus disappears with the bus.
class Collector final : public ::prometheus::Collectable {
 public:
  /// Gives a snapshot of a bus, or nothing once that is gone. Called by one thread at a time.
  using Source = std::function<std::optional<BusSnapshot>()>;

  explicit Collector(CollectorOptions options = {});
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  ~Collector() override;

  /// The label `bus` is the name of the bus; if another one of this collector has it at the time,
  /// "name-2" and so on. To be called once for each bus.
  template <Message T>
  void add(const Bus<T>& bus) {
    add_source([weak = bus.weak()]() -> std::optional<BusSnapshot> {
      if (const auto alive = weak.lock()) return alive->snapshot();
      return std::nullopt;
    });
  }
  /// As `add`, for what is not a Bus.
  void add_source(Source source);

  [[nodiscard]] std::vector<::prometheus::MetricFamily> Collect() const override;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

/// Why metrics cannot be served.
struct ServerError {
  std::string address;  ///< as given
  std::string problem;
  std::string allowed;  ///< what would have been accepted

  /// One line for people.
  [[nodiscard]] std::string message() const;
};

struct ServerOptions {
  /// "host:port", where the host is an IPv4 address, an IPv6 address in brackets or "localhost",
  /// and port 0 is any that is free. There is no protection but this: whoever can reach the address
  /// can read the metrics.
  std::string address = "127.0.0.1:9464";
};

/// Serves metrics by HTTP: /metrics for Prometheus, / a page for people that shows them live,
/// /healthz. Starts one thread, on which the metrics are collected and all clients are served; slow
/// or silent clients keep up nobody. The destructor closes all connections and returns at once, or
/// when the response that is being made has been made.
class Server {
 public:
  /// Also fails if the system has no socket or thread left. May throw std::bad_alloc.
  [[nodiscard]] static std::expected<Server, ServerError> start(
      const ServerOptions& options, std::shared_ptr<const ::prometheus::Collectable> metrics);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  /// The port that is listened at, also where port 0 was asked for.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Of the page for people, such as "http://127.0.0.1:9464/".
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  class Impl;
  Server(std::unique_ptr<Impl> impl, std::uint16_t port, std::string url);

  std::unique_ptr<Impl> impl_;
  std::uint16_t port_ = 0;
  std::string url_;
};

}  // namespace ron::prometheus
