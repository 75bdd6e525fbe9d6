// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `fanout_scaling`: more and more subscribers, idle or draining; subscribers that come and
// go; more and more publishers.
#pragma once

#include <thread>
#include <utility>

#include "workloads/unread.hpp"

namespace ron::bench {

enum class FanoutKind : std::uint8_t { Idle, Draining, Churn, Publishers };

struct FanoutScalingRequest {
  Conditions conditions;
  FanoutKind kind;
  Shape shape;
  /// Times a second; 0 for as fast as it can.
  std::uint64_t churn_hz;

  explicit FanoutScalingRequest(Words& words) : conditions{take_conditions(words)} {
    constexpr std::uint64_t kMostHz = 1'000'000;
    kind = FanoutKind{static_cast<std::uint8_t>(
        words.choice("kind", {"idle", "draining", "churn", "publishers"}))};
    const bool churns = kind == FanoutKind::Churn;
    const std::size_t most = kind == FanoutKind::Draining ? kMostThreads : kMostIdle;
    shape.subscribers = words.number("subscribers", 0, churns ? 0 : most, churns ? 0 : 1);
    const bool one = churns || kind == FanoutKind::Idle;
    shape.publishers = words.number("publishers", 1, one ? 1 : kMostThreads, 1);
    churn_hz = words.number("churn_hz", 0, kMostHz, 0);
    shape.capacity = take_capacity(words);
    words.done();
  }
};

/// One publisher, and one thread that subscribes, receives once and unsubscribes.
template <template <class, Loss> class S>
Metrics churn(const FanoutScalingRequest& request) {
  using System = S<Number, Loss::Lossy>;
  if (!System::kSubscribesAnyTime) {
    throw Unsupported{"its subscribers are fixed when it is made"};
  }
  System system{request.shape};
  auto sender = system.sender();
  std::uint64_t published = 0;
  std::uint64_t churns = 0;
  bool in_range = true;

  std::vector<Worker> workers;
  workers.emplace_back(
      [&](const std::atomic<bool>& stop) { published = send_until(stop, sender, 0); });
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    const auto begin = std::chrono::steady_clock::now();
    Number last = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      auto receiver = system.subscribe();
      const auto see = [&](Number message) {
        in_range &= message > last;
        last = message;
      };
      Receipt receipt;
      do {
        receipt = receiver.try_receive(see);
      } while (receipt.told != Told::Messages && !stop.load(std::memory_order_relaxed));
      churns += receipt.told == Told::Messages ? 1 : 0;
      if (request.churn_hz != 0) {
        std::this_thread::sleep_until(
            begin + std::chrono::nanoseconds{churns * 1'000'000'000 / request.churn_hz});
      }
    }
  });
  const double seconds = run_workers(std::move(workers), request.conditions);
  check(in_range, "a new subscriber received what was published before it subscribed");
  return {{"publishes_per_s", per_second(published, seconds)},
          {"churns_per_s", per_second(churns, seconds)}};
}

template <template <class, Loss> class One, template <class, Loss> class Many>
Metrics fanout_scaling(const FanoutScalingRequest& request) {
  const bool several = request.shape.publishers > 1;
  const auto draining = [&]<template <class, Loss> class S>() {
    return lossy_rates_of(all_at_once<S, Loss::Lossy>(
        request.shape, request.conditions,
        [](const auto& stop, auto& sender, std::size_t owner) {
          return send_until(stop, sender, owner);
        },
        [](auto& receiver, auto& account) { receive_all(receiver, account); }));
  };
  switch (request.kind) {
    case FanoutKind::Idle:
      return cost_of(publish_unread<One>(request.shape, request.conditions, false));
    case FanoutKind::Draining:
      return several ? draining.template operator()<Many>() : draining.template operator()<One>();
    case FanoutKind::Churn:
      return churn<One>(request);
    case FanoutKind::Publishers:
      break;
  }
  const Unread unread = several ? publish_unread<Many>(request.shape, request.conditions, false)
                                : publish_unread<One>(request.shape, request.conditions, false);
  return {{"publishes_per_s", per_second(unread.published, unread.seconds)}};
}

}  // namespace ron::bench
