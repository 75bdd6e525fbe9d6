// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ronbus/builder.hpp"

#include "harness/check.hpp"
#include "harness/clock.hpp"

namespace ron::bench::threads {

/// A bus of numbers, or WrongAnswer.
[[nodiscard]] inline Bus<std::uint64_t> build(const BusBuilder& builder) {
  auto bus = builder.build<std::uint64_t>();
  if (!bus) throw WrongAnswer{bus.error().message()};
  return std::move(*bus);
}

[[nodiscard]] inline Publisher<std::uint64_t> publisher_of(const Bus<std::uint64_t>& bus) {
  auto publisher = bus.publisher();
  if (!publisher) throw WrongAnswer{"no publisher"};
  return std::move(*publisher);
}

/// One thread to one other over a bus, nothing lost.
class GatedBus {
 public:
  using Value = std::uint64_t;

  explicit GatedBus(const BusBuilder& builder) : bus_{build(builder)} {}

  void send(Value value) { (void)publisher_.publish_wait(value); }
  void send_many(std::span<const Value> values) { (void)publisher_.publish_many_wait(values); }
  void finish() { bus_.close(); }

  [[nodiscard]] bool receive(Value& value) {
    const auto message = subscriber_.recv();
    if (message) value = *message;
    return message.has_value();
  }
  [[nodiscard]] std::size_t receive_many(std::span<Value> out) {
    return subscriber_.recv_many(out).value_or(0);
  }

 private:
  Bus<Value> bus_;
  Publisher<Value> publisher_ = publisher_of(bus_);
  Subscriber<Value> subscriber_ = bus_.subscribe({.gating = true});
};

/// Time stamps over a bus, to a subscriber that polls.
class PolledBus {
 public:
  explicit PolledBus(const BusBuilder& builder) : bus_{build(builder)} {}

  void post(Ticks stamp) { publisher_.publish(stamp); }
  [[nodiscard]] bool poll(Ticks& stamp) {
    const auto message = subscriber_.try_recv();
    if (message) stamp = *message;
    return message.has_value();
  }

 private:
  Bus<Ticks> bus_;
  Publisher<Ticks> publisher_ = publisher_of(bus_);
  Subscriber<Ticks> subscriber_ = bus_.subscribe();
};

}  // namespace ron::bench::threads
