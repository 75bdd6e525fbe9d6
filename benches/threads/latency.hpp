// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload: one thread posts the time every ten microseconds, another polls for it.
//
// A system has post for the one thread and poll for the other.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "harness/check.hpp"
#include "harness/clock.hpp"
#include "harness/histogram.hpp"
#include "threads/cases.hpp"

namespace ron::bench::threads {

/// Nanoseconds from before the post to after the poll that found it.
template <class System>
Histogram latency(System& system, const Conditions& conditions) {
  constexpr double kInterval = 10'000;
  /// Posted last, when nothing else is to come.
  constexpr Ticks kEnd = 0;

  Histogram histogram;
  bool in_order = true;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    const Ticks interval = to_ticks(kInterval);
    Ticks due = now();
    while (!stop.load(std::memory_order_relaxed)) {
      // What is overdue because this thread was not running is left out, not caught up with.
      due = std::max(due + interval, now());
      while (now() < due) {
      }
      system.post(now());
    }
    // As if it were one more: the receiver has then seen all before it.
    while (now() < due + interval) {
    }
    system.post(kEnd);
  });
  workers.emplace_back([&](const std::atomic<bool>&) {
    Ticks last = 0;
    for (Ticks stamp = 0;;) {
      if (!system.poll(stamp)) continue;
      const Ticks received = now();
      if (stamp == kEnd) break;
      in_order &= last < stamp && stamp <= received;
      last = stamp;
      histogram.record(static_cast<std::uint64_t>(to_nanoseconds(received - stamp)));
    }
  });
  run_workers(std::move(workers), conditions);
  check(histogram.count() > 0, "nothing arrived");
  check(in_order, "stamps are out of order, or the clocks of two cores disagree");
  return histogram;
}

}  // namespace ron::bench::threads
