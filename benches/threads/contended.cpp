// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload: two threads publish as fast as they can, and nobody reads.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/check.hpp"
#include "harness/consume.hpp"
#include "threads/cases.hpp"
#include "threads/systems/ron_bus.hpp"

namespace ron::bench::threads {
namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kCapacity = 1024;
constexpr const char* kFloor = "floor_contended_xadd";

struct alignas(64) Count {
  std::uint64_t value = 0;
};

struct Outcome {
  std::uint64_t total = 0;
  double seconds = 0;
};

/// `operation(thread, i)` is called for i = 0, 1, ... on each of the threads.
template <class Operation>
Outcome contend(const Operation& operation, const Conditions& conditions) {
  std::array<Count, kThreads> counts;
  std::vector<Worker> workers;
  workers.reserve(kThreads);
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    workers.emplace_back([&, thread](const std::atomic<bool>& stop) {
      std::uint64_t done = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        for (int i = 0; i < kStride; ++i) operation(thread, done++);
      }
      counts[thread].value = done;
    });
  }
  Outcome outcome;
  outcome.seconds = run_workers(std::move(workers), conditions);
  for (const Count& count : counts) outcome.total += count.value;
  return outcome;
}

double xadd(const Conditions& conditions) {
  alignas(64) std::atomic<std::uint64_t> word{0};
  const Outcome outcome = contend(
      [&](std::size_t, std::uint64_t) { consume(word.fetch_add(1, std::memory_order_seq_cst)); },
      conditions);
  check(word.load() == outcome.total, "additions are missing");
  return millions_a_second(outcome.total, outcome.seconds);
}

double publish(const Conditions& conditions) {
  const auto bus = build(BusBuilder{}.cap(kCapacity));
  auto idle = bus.subscribe();
  std::array<Publisher<Number>, kThreads> publishers{publisher_of(bus), publisher_of(bus)};
  const Outcome outcome =
      contend([&](std::size_t thread, std::uint64_t i) { consume(publishers[thread].publish(i)); },
              conditions);

  check(bus.published() == outcome.total && bus.refused() == 0, "publishes are missing");
  const auto lag = idle.try_recv();
  check(!lag && lag.error() == RecvError::lagged(outcome.total - bus.capacity()),
        "the lag is not what was overwritten");
  while (idle.try_recv()) {
  }
  check(idle.received() == bus.capacity(), "a retained message is missing");
  return millions_a_second(outcome.total, outcome.seconds);
}

}  // namespace

void add_contended(std::vector<Case>& cases, const Conditions& conditions) {
  cases.push_back({{rate(kFloor, "two threads add to one word", kFloor)},
                   {},
                   [=](std::span<double> samples) { samples[0] = xadd(conditions); }});
  cases.push_back(
      {{rate("contend_2_publishers_nobody_reads",
             "two threads publish, both together; one subscriber that never reads", kFloor, 15)},
       {},
       [=](std::span<double> samples) { samples[0] = publish(conditions); }});
}

}  // namespace ron::bench::threads
