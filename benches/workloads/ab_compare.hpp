// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `ab_compare`: iterations of 10 000 messages, each of which ends when every subscriber
// has accounted for all of them. Threads and subscribers live on from one to the next.
#pragma once

#include <utility>

#include "systems/pause.hpp"
#include "workloads/alone.hpp"

namespace ron::bench {

struct AbCompareRequest {
  Conditions conditions;
  Shape shape;

  explicit AbCompareRequest(Words& words) : conditions{take_conditions(words)} {
    shape.subscribers = words.number("subscribers", 1, kMostThreads, 1);
    shape.capacity = take_capacity(words);
    shape.stay_awake = true;
    words.done();
  }
};

/// How many messages a subscriber has received or was told it missed.
struct alignas(64) Progress {
  std::atomic<std::uint64_t> accounted{0};
};

template <template <class, Loss> class S>
Metrics ab_compare(const AbCompareRequest& request) {
  using System = S<Number, Loss::Lossy>;
  constexpr std::uint64_t kMessages = 10'000;
  if (System::kAccounting == Accounting::Nobody) {
    throw Unsupported{"nobody is told what was dropped, so nobody knows when all is accounted for"};
  }
  const std::size_t subscribers = request.shape.subscribers;
  System system{request.shape};
  auto receivers = receivers_of(system, subscribers);
  auto sender = system.sender();
  std::vector<Account<Loss::Lossy, 1>> accounts(subscribers);
  std::vector<Progress> progress(subscribers);
  Number next = 0;
  Stopwatch publishing;
  Stopwatch iterations;

  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    do {
      iterations.time(1, [&] {
        publishing.time(kMessages, [&] {
          for (std::uint64_t i = 0; i < kMessages; ++i) sender.send(++next);
        });
        for (std::size_t i = 0; i < subscribers; ++i) {
          // What senders dropped is known here, and what arrived, there.
          const std::uint64_t due = next - dropped_for<System>(sender, i);
          for (Pause pause; progress[i].accounted.load(std::memory_order_acquire) != due;) pause();
        }
      });
    } while (!stop.load(std::memory_order_relaxed));
    sender.finish();
  });
  for (std::size_t i = 0; i < subscribers; ++i) {
    workers.emplace_back([&, i](const std::atomic<bool>&) {
      Account<Loss::Lossy, 1> mine;
      while (mine.book(receivers[i].receive(mine))) {
        progress[i].accounted.store(mine.received() + mine.missed(), std::memory_order_release);
      }
      accounts[i] = mine;
    });
  }
  run_workers(std::move(workers), request.conditions);

  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  for (std::size_t i = 0; i < subscribers; ++i) {
    accounts[i].template settle<System>(next, dropped_for<System>(sender, i));
    received += accounts[i].received();
    missed += accounts[i].missed();
  }
  const double iterating = iterations.nanoseconds_each() * static_cast<double>(next / kMessages);
  return {{"publishes_per_s", 1e9 / publishing.nanoseconds_each()},
          {"deliveries_per_s", per_second(received, iterating / 1e9)},
          {"lost_share", share(missed, received + missed)}};
}

}  // namespace ron::bench
