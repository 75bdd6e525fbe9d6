// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Cases that time a way to receive: a ring is filled, which is not timed, then drained.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "core/cases.hpp"
#include "core/numbered.hpp"
#include "core/slice.hpp"
#include "harness/consume.hpp"

namespace ron::bench::core {

/// Sink of a timed drain: uses each number, without doing anything with it.
struct Use {
  void operator()(Number number) const noexcept { consume(number); }
};

/// Sink of a verifying drain.
struct Check {
  std::uint64_t expected = 0;
  void operator()(Number number) {
    check(number == expected, "a message has the wrong contents");
    ++expected;
  }
};

template <class T>
void fill(Publisher<T>& publisher, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) publisher.publish(numbered<T>(first + i));
}

/// Fills the ring once exactly and once with five messages too many, and looks at every message.
template <class T, class Drain>
void verify_receiving(const Bus<T>& bus, Publisher<T>& publisher, Drain& drain) {
  constexpr std::uint64_t kTooMany = 5;
  const std::uint64_t capacity = bus.capacity();
  auto reader = bus.subscribe();
  Check sink;
  fill(publisher, 0, capacity);
  check(drain(reader, capacity, sink) == capacity, "messages are missing");

  fill(publisher, capacity, capacity + kTooMany);
  auto lag = reader.try_recv();
  check(!lag && lag.error() == RecvError::lagged(kTooMany), "the lag is not what was overwritten");
  sink.expected += kTooMany;
  check(drain(reader, capacity, sink) == capacity, "messages are missing after a lag");
  check(sink.expected == 2 * capacity + kTooMany, "messages were skipped");
  check(reader.received() + reader.missed() == sink.expected,
        "received + missed is not what was published");
}

/// A case that drains a full ring of `bus`. `drain(subscriber, count, sink)` receives `count`
/// messages, hands the number of each to `sink`, and returns how many there were.
template <class T, class Drain>
Case receiving(Result result, Bus<T> bus, Drain drain) {
  struct State {
    Bus<T> bus;
    Publisher<T> publisher;
    Drain drain;
  };
  auto publisher = publisher_of(bus);
  auto state = std::make_shared<State>(std::move(bus), std::move(publisher), std::move(drain));
  return {{std::move(result)},
          [state] { verify_receiving(state->bus, state->publisher, state->drain); },
          [state](std::span<double> samples) {
            auto reader = state->bus.subscribe();
            const std::uint64_t capacity = state->bus.capacity();
            std::uint64_t filled = 0;
            std::uint64_t drained = 0;
            samples[0] = measure_prepared(
                [&] {
                  fill(state->publisher, filled, capacity);
                  filled += capacity;
                },
                [&] {
                  const std::uint64_t count = state->drain(reader, capacity, Use{});
                  drained += count;
                  return count;
                });
            check(drained == filled, "a timed drain lost messages");
          }};
}

// Ways to receive: what `receiving` asks for. As a user would write them, each stops at the first
// receive that gives no message.

struct ByTryRecv {
  template <class T, class Sink>
  std::uint64_t operator()(Subscriber<T>& reader, std::uint64_t count, Sink&& sink) const {
    std::uint64_t done = 0;
    for (; done < count; ++done) {
      const auto message = reader.try_recv();
      if (!message) break;
      sink(number_of(*message));
    }
    return done;
  }
};

struct ByRecv {
  template <class T, class Sink>
  std::uint64_t operator()(Subscriber<T>& reader, std::uint64_t count, Sink&& sink) const {
    std::uint64_t done = 0;
    for (; done < count; ++done) {
      const auto message = reader.recv();
      if (!message) break;
      sink(number_of(*message));
    }
    return done;
  }
};

struct ByVisit {
  template <class T, class Sink>
  std::uint64_t operator()(Subscriber<T>& reader, std::uint64_t count, Sink&& sink) const {
    std::uint64_t done = 0;
    for (; done < count; ++done) {
      if (!reader.try_visit([&](const T& message) { sink(number_of(message)); })) break;
    }
    return done;
  }
};

struct ByPoll {
  template <class T, class Sink>
  std::uint64_t operator()(Subscriber<T>& reader, std::uint64_t count, Sink&& sink) const {
    const auto handler = [&](const T& message) { sink(number_of(message)); };
    const auto done = reader.poll(handler, count);
    return done ? *done : 0;
  }
};

/// Batches of 64 into a buffer. A timed drain leaves the messages there, where a user would go on
/// with them.
struct ByRecvMany {
  template <class Sink>
  std::uint64_t operator()(Subscriber<Number>& reader, std::uint64_t count, Sink&& sink) const {
    std::array<Number, 64> buffer;
    std::uint64_t done = 0;
    while (done < count) {
      const auto received = reader.recv_many(buffer);
      if (!received) break;
      if constexpr (std::is_same_v<std::remove_cvref_t<Sink>, Check>) {
        for (std::size_t i = 0; i < *received; ++i) sink(buffer[i]);
      } else {
        obscure(buffer);
      }
      done += *received;
    }
    return done;
  }
};

}  // namespace ron::bench::core
