// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `bus_publish`: one thread publishes burst after burst, and lossy subscribers drain.
#pragma once

#include <array>
#include <thread>

#include "workloads/all_at_once.hpp"

namespace ron::bench {

struct BusPublishRequest {
  Conditions conditions;
  Shape shape;
  std::size_t burst;
  bool batched;
  bool yields;

  explicit BusPublishRequest(Words& words) : conditions{take_conditions(words)} {
    constexpr std::uint64_t kMostFlush = 4096;
    shape.subscribers = words.number("subscribers", 1, kMostThreads, 1);
    burst = words.number("burst", 1, kMostCapacity, 1);
    shape.capacity = take_capacity(words);
    batched = words.flag("batched");
    yields = words.flag("epoch_yield");
    shape.flush = words.number("flush", 1, kMostFlush, 0);
    constexpr std::array kModes{Mode::Classic, Mode::Batched, Mode::Edge, Mode::EdgeBatched};
    shape.mode = kModes[words.choice("mode", {"classic", "batched", "edge", "edge-batched"}, 0)];
    words.done();
  }
};

template <class Sender>
std::uint64_t send_bursts_until(const std::atomic<bool>& stop, Sender& sender,
                                const BusPublishRequest& request) {
  std::vector<Number> messages(request.burst);
  Number next = 0;
  do {
    if (request.batched) {
      for (Number& message : messages) message = ++next;
      sender.send_many(messages);
    } else {
      for (std::size_t i = 0; i < request.burst; ++i) sender.send(++next);
    }
    if constexpr (requires { sender.flush(); }) sender.flush();
    if (request.yields) std::this_thread::yield();
  } while (!stop.load(std::memory_order_relaxed));
  return next;
}

template <template <class, Loss> class S>
Metrics bus_publish(const BusPublishRequest& request) {
  if (request.shape.flush != 0 && !S<Number, Loss::Lossy>::kFlushes) {
    throw Unsupported{"it has nothing to flush"};
  }
  if (request.shape.mode != Mode::Classic && !S<Number, Loss::Lossy>::kModes) {
    throw Unsupported{"it has one way to publish and to wait"};
  }
  return lossy_rates_of(all_at_once<S, Loss::Lossy>(
      request.shape, request.conditions,
      [&](const auto& stop, auto& sender, std::size_t) {
        return send_bursts_until(stop, sender, request);
      },
      [](auto& receiver, auto& account) { receive_all(receiver, account); }));
}

}  // namespace ron::bench
