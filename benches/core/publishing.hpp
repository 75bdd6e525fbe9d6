// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Cases that time a way to publish.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/cases.hpp"
#include "core/numbered.hpp"
#include "core/slice.hpp"
#include "harness/consume.hpp"

namespace ron::bench::core {

/// Batches of messages numbered in turn from 0 to kPeriod - 1, small enough to stay in the cache.
class Batches {
 public:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::size_t kPeriod = 8 * kBatch;

  Batches() {
    for (std::size_t i = 0; i < kPeriod; ++i) numbers_[i] = i;
  }
  /// The batch whose first message is the `index`th of all.
  [[nodiscard]] std::span<const Number> at(std::uint64_t index) const noexcept {
    return std::span{numbers_}.subspan(index % kPeriod, kBatch);
  }

 private:
  std::array<Number, kPeriod> numbers_;
};

/// Publishes four times the capacity and looks at all that arrives: exactly the last `capacity()`
/// messages, each as expected, and the right number of missed ones.
template <class T, class Publish, class Expected>
void verify_publishing(const Bus<T>& bus, Publish& publish, const Expected& expected) {
  auto reader = bus.subscribe();
  const std::uint64_t count = 4 * bus.capacity();
  const std::uint64_t first = count - bus.capacity();
  publish(0, count);

  auto lag = reader.try_recv();
  check(!lag && lag.error() == RecvError::lagged(first), "the lag is not what was overwritten");
  for (std::uint64_t i = first; i < count; ++i) {
    auto message = reader.try_recv();
    check(message.has_value(), "a retained message is missing");
    check(number_of(*message) == expected(i), "a message has the wrong contents");
  }
  auto nothing = reader.try_recv();
  check(!nothing && nothing.error() == RecvError::Empty, "there is a message too many");
  check(reader.received() + reader.missed() == count,
        "received + missed is not what was published");
  check(bus.refused() == 0, "a message was refused");
}

/// A case that publishes to `bus` while `idle` exist and never read. `publish(first, count)`
/// publishes `count` messages; `expected(i)` is the number of the `i`th of them.
template <class T, class Publish, class Expected = std::identity>
Case publishing(Result result, Bus<T> bus, std::vector<Subscriber<T>> idle, Publish publish,
                Expected expected = {}) {
  struct State {
    Bus<T> bus;
    std::vector<Subscriber<T>> idle;
    Publish publish;
    Expected expected;
    std::uint64_t next = 0;
    Slice slice;
  };
  auto state = std::make_shared<State>(std::move(bus), std::move(idle), std::move(publish),
                                       std::move(expected));
  return {{std::move(result)},
          [state] { verify_publishing(state->bus, state->publish, state->expected); },
          [state](std::span<double> samples) {
            samples[0] = state->slice.measure([&](std::uint64_t count) {
              state->publish(state->next, count);
              state->next += count;
            });
          }};
}

/// `count` subscribers that are not going to read.
template <class T>
[[nodiscard]] std::vector<Subscriber<T>> idle_subscribers(const Bus<T>& bus, std::size_t count) {
  std::vector<Subscriber<T>> idle;
  idle.reserve(count);
  for (std::size_t i = 0; i < count; ++i) idle.push_back(bus.subscribe());
  return idle;
}

// Ways to publish: each makes the function that `publishing` asks for.

template <class T>
[[nodiscard]] auto by_publish(const Bus<T>& bus) {
  return [publisher = publisher_of(bus)](std::uint64_t first, std::uint64_t count) mutable {
    for (std::uint64_t i = 0; i < count; ++i) consume(publisher.publish(numbered<T>(first + i)));
  };
}

template <class T>
[[nodiscard]] auto by_bus_publish(const Bus<T>& bus) {
  return [bus](std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) consume(bus.publish(numbered<T>(first + i)));
  };
}

template <class T>
[[nodiscard]] auto by_try_publish(const Bus<T>& bus) {
  return [publisher = publisher_of(bus)](std::uint64_t first, std::uint64_t count) mutable {
    for (std::uint64_t i = 0; i < count; ++i) {
      consume(publisher.try_publish(numbered<T>(first + i)).has_value());
    }
  };
}

/// In batches of 64, counted by the message.
[[nodiscard]] inline auto by_publish_many(const Bus<Number>& bus) {
  return [publisher = publisher_of(bus), batches = Batches{}](std::uint64_t first,
                                                              std::uint64_t count) mutable {
    for (std::uint64_t i = 0; i < count; i += Batches::kBatch) {
      consume(publisher.publish_many(batches.at(first + i)));
    }
  };
}

}  // namespace ron::bench::core
