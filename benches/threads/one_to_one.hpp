// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload: one thread sends numbers to one other as fast as both can, and nothing is lost.
//
// A system has send, send_many and finish for the one thread, receive and receive_many for the
// other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/check.hpp"
#include "threads/cases.hpp"

namespace ron::bench::threads {

inline constexpr std::size_t kBatch = 64;

/// What the receiver found. On a cache line of its own.
struct alignas(64) Received {
  Number count = 0;
  bool in_order = true;

  void take(Number value) noexcept {
    in_order &= value == count;
    ++count;
  }
};

/// Checks that all arrived, in order, and returns millions a second.
inline double judge(Number sent, const Received& received, double seconds) {
  check(received.in_order, "a number was lost, doubled or out of order");
  check(received.count == sent, "not all that was sent was received");
  return millions_a_second(sent, seconds);
}

template <class System>
double one_by_one(System& system, const Conditions& conditions) {
  Number sent = 0;
  Received received;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    Number next = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      for (int i = 0; i < kStride; ++i) system.send(next++);
    }
    sent = next;
    system.finish();
  });
  workers.emplace_back([&](const std::atomic<bool>&) {
    Received found;
    for (Number value = 0; system.receive(value);) found.take(value);
    received = found;
  });
  const double seconds = run_workers(std::move(workers), conditions);
  return judge(sent, received, seconds);
}

template <class System>
double in_batches(System& system, const Conditions& conditions) {
  Number sent = 0;
  Received received;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    std::array<Number, kBatch> batch;
    Number next = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      for (Number& value : batch) value = next++;
      system.send_many(batch);
    }
    sent = next;
    system.finish();
  });
  workers.emplace_back([&](const std::atomic<bool>&) {
    std::array<Number, kBatch> batch;
    Received found;
    while (const std::size_t count = system.receive_many(batch)) {
      for (const Number value : std::span{batch}.first(count)) found.take(value);
    }
    received = found;
  });
  const double seconds = run_workers(std::move(workers), conditions);
  return judge(sent, received, seconds);
}

}  // namespace ron::bench::threads
