// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `throughput`: one thread publishes one by one, and subscribers do not read meanwhile,
// but for a slow one that may take a message each millisecond.
#pragma once

#include <thread>

#include "workloads/common.hpp"

namespace ron::bench {

struct ThroughputRequest {
  Conditions conditions;
  Shape shape;
  std::size_t idle;
  bool slow;

  explicit ThroughputRequest(Words& words) : conditions{take_conditions(words)} {
    idle = words.number("subscribers", 0, kMostIdle, 1);
    slow = words.flag("slow");
    shape.capacity = take_capacity(words);
    shape.subscribers = idle + (slow ? 1 : 0);
    words.done();
  }
  /// Of `fanout_scaling`.
  ThroughputRequest(const Conditions& conditions_, std::size_t idle_, std::size_t capacity)
      : conditions{conditions_}, idle{idle_}, slow{false} {
    shape.capacity = capacity;
    shape.subscribers = idle;
  }
};

template <template <class, Loss> class S>
Metrics throughput(const ThroughputRequest& request) {
  using System = S<Number, Loss::Lossy>;
  const std::size_t count = request.shape.subscribers;
  System system{request.shape};
  auto receivers = receivers_of(system, count);
  auto senders = senders_of(system, 1);
  std::vector<Account<Loss::Lossy>> accounts(count);
  std::uint64_t published = 0;
  Ticks elapsed = 0;

  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    auto& sender = senders.front();
    Number next = 0;
    const Ticks begin = now();
    while (!stop.load(std::memory_order_relaxed)) {
      for (int i = 0; i < kStride; ++i) sender.send(++next);
    }
    elapsed = now() - begin;
    published = next;
  });
  if (request.slow) {
    workers.emplace_back([&](const std::atomic<bool>& stop) {
      auto& account = accounts.back();
      while (!stop.load(std::memory_order_relaxed)) {
        account.book(receivers.back().try_receive(account));
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
      }
    });
  }
  run_workers(std::move(workers), request.conditions);

  for (std::size_t i = 0; i < count; ++i) {
    drain(receivers[i], accounts[i]);
    accounts[i].template settle<System>(published, dropped_for<System>(senders, i));
    check(accounts[i].received() >= std::min<std::uint64_t>(request.shape.capacity, published),
          "a retained message is missing");
  }
  return {{"ns_per_publish", to_nanoseconds(elapsed) / static_cast<double>(published)}};
}

}  // namespace ron::bench
