// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a thread waits for a condition about the ring of which the notifiers of a WaiterSet tell.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>

#include "ronbus/sync/backoff.hpp"
#include "ronbus/sync/probe.hpp"
#include "ronbus/wait/futex.hpp"
#include "ronbus/wait/wait_strategy.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron::wait {

/// Sleeps until `ready()` is true, the deadline has passed or `stop` is requested; looks in this
/// order.
template <class ReadyFn>
[[nodiscard]] WaitStatus sleep(WaiterSet& set, Waiter& waiter, const ReadyFn& ready,
                               const Deadline& deadline, const std::stop_token& stop) {
  const auto look = [&]() -> std::optional<WaitStatus> {
    if (ready()) return WaitStatus::Ready;
    if (stop.stop_requested()) return WaitStatus::Stopped;
    if (deadline && std::chrono::steady_clock::now() >= *deadline) return WaitStatus::Timeout;
    return std::nullopt;
  };
  const std::stop_callback wake_on_stop{stop, [&waiter] { WaiterSet::wake(waiter); }};
  for (;;) {
    const Ticket ticket = set.arm(waiter);
    std::optional<WaitStatus> status = look();
    if (!status) {
      RONBUS_PROBE(park, set.attention(), waiter.owner_id());
      WaiterSet::doze(waiter, ticket, deadline);
    }
    set.end(waiter, ticket);
    if (!status) status = look();
    if (status) return *status;
  }
}

/// Waits as `strategy` says until `ready()` is true, the deadline has passed or `stop` is
/// requested; looks in this order.
template <class ReadyFn>
[[nodiscard]] WaitStatus wait(WaiterSet& set, Waiter& waiter, WaitStrategy strategy,
                              const ReadyFn& ready, const Deadline& deadline,
                              const std::stop_token& stop) {
  constexpr int kLooksOfBusySpin = 64;
  switch (strategy) {
    case WaitStrategy::BusySpin:
      return look_until(ready, [] { sync::cpu_relax(); }, kLooksOfBusySpin, deadline, stop);
    case WaitStrategy::Yield:
      return look_until(ready, [] { std::this_thread::yield(); }, 1, deadline, stop);
    case WaitStrategy::SpinThenSleep:
      if (spin(ready)) return WaitStatus::Ready;
      break;
    case WaitStrategy::SleepAtOnce:
      break;
  }
  return sleep(set, waiter, ready, deadline, stop);
}

}  // namespace ron::wait
