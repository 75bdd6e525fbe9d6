// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The edge flavor of waiting, which moderates wake-ups as network drivers moderate interrupts: a
// subscriber that has read everything sleeps for a bounded time without asking to be woken, looks
// again, and only then arms its waiter. Publishers see nobody asleep meanwhile and wake nobody;
// what they publish waits for the subscriber's own clock, `edge_linger` at most. Bursts that follow
// each other faster than that cause no wake-up at all, and other bursts one: a WaiterSet wakes an
// armed waiter once, until it arms again, which is clear (its bits), look (at the ring), sleep.
//
// A close or a request to stop is found as late as a message.
#pragma once

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <thread>

#include "ronbus/wait/blocking_wait.hpp"
#include "ronbus/wait/futex.hpp"
#include "ronbus/wait/wait_strategy.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron::flavor {

/// As wait::wait, but lingers first where the strategy sleeps.
template <class ReadyFn>
[[nodiscard]] wait::WaitStatus wait_at_edge(std::chrono::microseconds linger, wait::WaiterSet& set,
                                            wait::Waiter& waiter, WaitStrategy strategy,
                                            const ReadyFn& ready, const wait::Deadline& deadline,
                                            const std::stop_token& stop) {
  const bool sleeps =
      strategy == WaitStrategy::SpinThenSleep || strategy == WaitStrategy::SleepAtOnce;
  if (linger.count() > 0 && sleeps && !stop.stop_requested()) {
    if (strategy == WaitStrategy::SpinThenSleep && wait::spin(ready)) {
      return wait::WaitStatus::Ready;
    }
    auto until = std::chrono::steady_clock::now() + linger;
    if (deadline) until = std::min(until, *deadline);
    std::this_thread::sleep_until(until);
    if (ready()) return wait::WaitStatus::Ready;
    strategy = WaitStrategy::SleepAtOnce;
  }
  return wait::wait(set, waiter, strategy, ready, deadline, stop);
}

}  // namespace ron::flavor
