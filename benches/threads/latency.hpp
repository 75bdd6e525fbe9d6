// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload: one thread posts the time every ten microseconds, another polls for it.
//
// A system has post for the one thread and poll for the other.
#pragma once

#include <atomic>
#include <utility>
#include <vector>

#include "harness/stamps.hpp"
#include "threads/cases.hpp"

namespace ron::bench::threads {

/// Nanoseconds from before the post to after the poll that found it.
template <class System>
Histogram latency(System& system, const Conditions& conditions) {
  constexpr double kInterval = 10'000;

  StampRecord record;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    post_stamps(stop, kInterval, [&](Ticks stamp) { system.post(stamp); });
  });
  workers.emplace_back([&](const std::atomic<bool>&) {
    Ticks stamp = 0;
    do {
      while (!system.poll(stamp)) {
      }
    } while (record.note(stamp));
  });
  run_workers(std::move(workers), conditions);
  return record.checked();
}

}  // namespace ron::bench::threads
