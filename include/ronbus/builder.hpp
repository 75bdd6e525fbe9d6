// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "ronbus/bus.hpp"
#include "ronbus/config.hpp"

namespace ron {

/// Makes buses. Every knob is optional; what is not said here is taken from the environment, then
/// from autotune, then from the fallbacks (see config.hpp).
///
///     auto bus = ron::BusBuilder{}.cap(1024).build<ron::KernelEvent>();
class BusBuilder {
 public:
  /// The flavor. Environment: RON_BUS_MODE (classic, batched, edge or edge-batched).
  BusBuilder& mode(BusMode mode) {
    requested_.mode = mode;
    return *this;
  }
  /// Messages to retain; rounded up to a power of two within [2, 65536]. Environment: RON_CAP.
  BusBuilder& cap(std::size_t messages) {
    requested_.capacity = messages;
    return *this;
  }
  /// Choose the capacity for this many subscribers: up to 4: 64, up to 16: 128, else 256.
  BusBuilder& autotune(std::size_t expected_subscribers) {
    return fanout_hint(expected_subscribers);
  }
  /// How many subscribers to expect, 1 to 65536. Environment: RON_FANOUT.
  BusBuilder& fanout_hint(std::size_t expected_subscribers) {
    requested_.expected_subscribers = expected_subscribers;
    return *this;
  }
  /// Messages that publishers send in one go, 1 to 1048576. A capacity below it is warned about,
  /// and it is the unit of `epoch_yield`. Environment: RON_BURST.
  BusBuilder& burst(std::size_t messages) {
    requested_.burst = messages;
    return *this;
  }
  /// Publishes after which a publisher shares its position with others, 1 to 4096; of a batched
  /// mode, how many messages a Publisher stages at most. Environment: RON_TLS_FLUSH_THRESHOLD.
  BusBuilder& tls_flush_threshold(std::size_t publishes) {
    requested_.tls_flush_threshold = publishes;
    return *this;
  }
  /// Whether `publish_many`, and a Publisher of a batched mode, gives up the processor after every
  /// burst. Environment: RON_PUB_EPOCH_YIELD.
  BusBuilder& epoch_yield(bool on = true) {
    requested_.epoch_yield = on;
    return *this;
  }
  /// Of an edge mode: how late a message may be found by a subscriber that had nothing to read, so
  /// that nobody has to wake it, 0 to 1000000 us. Environment: RON_EDGE_LINGER_US.
  BusBuilder& edge_linger(std::chrono::microseconds time) {
    requested_.edge_linger = time;
    return *this;
  }
  /// Promises that only one publisher publishes at a time, which makes publishing several times
  /// cheaper. A second one gets PublishError::Busy.
  BusBuilder& single_publisher(bool on = true) {
    requested_.single_publisher = on;
    return *this;
  }
  /// What to measure; by default nothing that costs anything. Environment:
  /// RON_METRICS_SAMPLE_EVERY and RON_METRICS_END_TO_END (0 or 1).
  BusBuilder& metrics(const MetricsCfg& metrics) {
    requested_.metrics = metrics;
    return *this;
  }
  /// How the bus is called in snapshots and metrics; "bus" if it is not said.
  BusBuilder& name(std::string name) {
    requested_.name = std::move(name);
    return *this;
  }
  BusBuilder& fence(FencePolicy policy) {
    requested_.fence = policy;
    return *this;
  }
  /// Where to look up the RON_ variables instead of in the environment of the process, which nobody
  /// may change (`setenv`) while a bus is built from it.
  BusBuilder& environment(Environment environment) {
    environment_ = std::move(environment);
    return *this;
  }

  /// The configuration that `build` would use.
  [[nodiscard]] std::expected<EffectiveConfig, BuildError> config() const {
    return resolve(requested_, environment_);
  }

  /// A bus for messages of type T, or what is wrong with the configuration. Allocates all that
  /// publishing and receiving need; throws std::bad_alloc if it cannot.
  template <Message T>
  [[nodiscard]] std::expected<Bus<T>, BuildError> build() const {
    auto config = this->config();
    if (!config) return std::unexpected{std::move(config.error())};
    return Bus<T>{std::make_shared<flavor::BusState<T>>(std::move(*config))};
  }

 private:
  RequestedConfig requested_;
  Environment environment_ = process_environment;
};

}  // namespace ron
