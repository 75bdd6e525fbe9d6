// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Ways to receive: each drains a ring that was filled, which is not counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/consume.hpp"
#include "instructions/paths.hpp"

namespace ron::bench::instructions {

/// `receive(subscriber)` receives `messages_each` messages and says whether it did.
template <class Kind, class Receive>
void count_draining(Counter& counter, std::string name, const SubscribeOptions& options,
                    std::uint64_t messages_each, Receive receive) {
  Scene<Kind> scene{options};
  counter.count(
      std::move(name), kCapacity / messages_each, messages_each, [&] { scene.fill(); },
      [&](std::uint64_t iterations) {
        for (std::uint64_t i = 0; i < iterations; ++i) consume(receive(scene.subscriber));
      });
  scene.check_received(kCalls * kCapacity);
}

template <class Kind>
void count_try_recv(Counter& counter, std::string_view path, const SubscribeOptions& options) {
  count_draining<Kind>(counter, named<Kind>(path), options, 1, [](auto& subscriber) {
    auto message = subscriber.try_recv();
    obscure(message);
    return message.has_value();
  });
}

template <class Kind>
void count_recv(Counter& counter, std::string_view path, const SubscribeOptions& options) {
  count_draining<Kind>(counter, named<Kind>(path), options, 1, [](auto& subscriber) {
    auto message = subscriber.recv();
    obscure(message);
    return message.has_value();
  });
}

template <class Kind>
void count_visit(Counter& counter, std::string_view path, const SubscribeOptions& options) {
  count_draining<Kind>(counter, named<Kind>(path), options, 1, [](auto& subscriber) {
    return subscriber.try_visit([](const auto& message) { consume(&message); }).has_value();
  });
}

template <class Kind>
void count_recv_many(Counter& counter, std::string_view path, const SubscribeOptions& options) {
  std::vector<typename Kind::Message> buffer(kBatch);
  count_draining<Kind>(counter, named<Kind>(path), options, kBatch,
                       [&](auto& subscriber) { return subscriber.recv_many(buffer).has_value(); });
}

}  // namespace ron::bench::instructions
