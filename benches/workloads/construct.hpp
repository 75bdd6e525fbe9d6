// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `construct`: a bus with one subscriber, made and destroyed; and the memory that it
// takes.
#pragma once

#include <algorithm>

#include "harness/allocations.hpp"
#include "harness/consume.hpp"
#include "workloads/alone.hpp"

namespace ron::bench {

struct ConstructRequest {
  Conditions conditions;
  Shape shape;

  explicit ConstructRequest(Words& words) : conditions{take_conditions(words)} {
    constexpr std::size_t kCapacity = 256;
    shape.capacity = take_capacity(words, kCapacity);
    words.done();
  }
};

/// Heap memory of a system and its subscribers; no senders.
template <class System>
double bytes_of(Shape shape, std::size_t subscribers) {
  shape.subscribers = subscribers;
  std::vector<typename System::Receiver> receivers;
  receivers.reserve(subscribers);
  const std::int64_t before = live_bytes_of_this_thread();
  System system{shape};
  for (std::size_t i = 0; i < subscribers; ++i) receivers.push_back(system.subscribe());
  const std::int64_t bytes = live_bytes_of_this_thread() - before;
  // Before the system, as everywhere else.
  receivers.clear();
  return static_cast<double>(bytes);
}

template <class System>
double allocations_per_message(const Shape& shape) {
  constexpr std::uint64_t kMessages = 100'000;
  constexpr std::uint64_t kWarm = 10'000;
  System system{shape};
  auto receiver = system.subscribe();
  auto sender = system.sender();
  Number next = 0;
  Number seen = 0;
  const auto exchange = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      sender.send(++next);
      (void)receiver.try_receive([&](Number message) { seen = message; });
      check(seen == next, "a message did not arrive");
    }
  };
  exchange(kWarm);
  const std::uint64_t before = allocations_of_this_thread();
  exchange(kMessages);
  return share(allocations_of_this_thread() - before, kMessages);
}

template <template <class, Loss> class S>
Metrics construct(const ConstructRequest& request) {
  using System = S<Number, Loss::Lossy>;
  Stopwatch constructed;
  double bus = 0;
  double subscriber = 0;
  double allocations = 0;
  bool measured = false;
  repeat(request.conditions, [&] {
    constructed.time(1, [&] {
      System system{request.shape};
      auto receiver = system.subscribe();
      obscure(receiver);
    });
    if (measured) return;
    measured = true;
    // Over many: a reused block of memory may be some bytes larger than what was asked for.
    constexpr std::size_t kMore = 16;
    const double with_one = bytes_of<System>(request.shape, 1);
    const double with_more = bytes_of<System>(request.shape, 1 + kMore);
    subscriber = std::max(0.0, (with_more - with_one) / kMore);
    bus = with_one - subscriber;
    allocations = allocations_per_message<System>(request.shape);
  });
  Metrics metrics{{"ns_per_construct", constructed.nanoseconds_each()}};
  if constexpr (System::kHeapIsSeen) {
    metrics.emplace_back("bytes_per_bus", bus);
    metrics.emplace_back("bytes_per_subscriber", subscriber);
    metrics.emplace_back("allocations_per_message", allocations);
  }
  return metrics;
}

}  // namespace ron::bench
