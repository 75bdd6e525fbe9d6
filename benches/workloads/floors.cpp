// SPDX-License-Identifier: MIT OR Apache-2.0
#include "workloads/floors.hpp"

#include <atomic>
#include <cstdint>

#include "ronbus/sync/fence.hpp"

#include "systems/instructions.hpp"
#include "systems/one_way.hpp"
#include "systems/pause.hpp"
#include "workloads/alone.hpp"
#include "workloads/gated.hpp"
#include "workloads/latency.hpp"

namespace ron::bench {
namespace {

enum class Floor : std::uint8_t {
  Xadd,
  Store,
  Fence,
  LineRoundTrip,
  OneWayLine,
  FutexWake,
  OneWayRing,
  Membarrier,
  Clock,
  Harness
};

struct Membarrier {
  void operator()(instructions::Word& /*word*/, std::uint64_t /*number*/) const noexcept {
    sync::membarrier_all();
  }
};

struct ReadClock {
  void operator()(instructions::Word& /*word*/, std::uint64_t /*number*/) const noexcept {
    consume(monotonic_ns());
  }
};

/// In the loop in which `throughput` publishes.
template <class Operation>
Metrics cost_of_operation(const Conditions& conditions, Operation operation) {
  struct Sender {
    alignas(64) instructions::Word word{0};
    Operation operation;
    [[gnu::always_inline]] void send(Number number) { operation(word, number); }
  };
  Sender sender{.operation = operation};
  std::uint64_t count = 0;
  Ticks elapsed = 0;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    const Ticks begin = now();
    count = send_until(stop, sender, 0);
    elapsed = now() - begin;
  });
  run_workers(std::move(workers), conditions);
  return {{"ns", to_nanoseconds(elapsed) / static_cast<double>(count)}};
}

/// Two threads hand a word to each other: even numbers are the one's to raise, odd the other's.
Metrics line_round_trip(const Conditions& conditions) {
  constexpr Number kEnd = ~Number{0};
  alignas(64) std::atomic<Number> word{0};
  std::uint64_t rounds = 0;
  std::uint64_t answers = 0;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    Number next = 0;
    do {
      for (int i = 0; i < kStride; ++i, next += 2) {
        word.store(next + 1, std::memory_order_release);
        for (Pause pause; word.load(std::memory_order_acquire) != next + 2;) pause();
      }
    } while (!stop.load(std::memory_order_relaxed));
    word.store(kEnd, std::memory_order_release);
    rounds = next / 2;
  });
  workers.emplace_back([&](const std::atomic<bool>&) {
    for (Number number = 0;;) {
      for (Pause pause; (number = word.load(std::memory_order_acquire)) % 2 == 0;) pause();
      if (number == kEnd) return;
      ++answers;
      word.store(number + 1, std::memory_order_release);
    }
  });
  const double seconds = run_workers(std::move(workers), conditions);
  check(answers == rounds, "a round was lost");
  return {{"ns", seconds * 1e9 / static_cast<double>(rounds)}};
}

}  // namespace

Metrics floors(Words& words) {
  const Conditions conditions = take_conditions(words);
  const Floor floor{static_cast<std::uint8_t>(
      words.choice("floor", {"xadd", "store", "fence", "line_round_trip", "one_way_line",
                             "futex_wake", "one_way_ring", "membarrier", "clock", "harness"}))};
  const bool is_paced = floor == Floor::OneWayLine || floor == Floor::FutexWake;
  const double interval = is_paced ? take_interval(words) : 0;
  const std::uint64_t batch =
      floor == Floor::OneWayRing ? words.number("batch", 1, kMostCapacity, 1) : 1;
  words.done();

  switch (floor) {
    case Floor::Xadd:
      return cost_of_operation(conditions, instructions::Xadd{});
    case Floor::Store:
      return cost_of_operation(conditions, instructions::Store{});
    case Floor::Fence:
      return cost_of_operation(conditions, instructions::Fence{});
    case Floor::Membarrier:
      if (!sync::membarrier_available()) throw Unsupported{"the kernel offers no membarrier"};
      return cost_of_operation(conditions, Membarrier{});
    case Floor::Clock:
      return cost_of_operation(conditions, ReadClock{});
    case Floor::Harness:
      return cost_of_operation(conditions, instructions::Nothing{});
    case Floor::LineRoundTrip:
      return line_round_trip(conditions);
    case Floor::OneWayLine:
      return percentiles_of(
          paced<OneLineSystem>({}, conditions, interval, Receiving::Polling).histogram);
    case Floor::FutexWake:
      return percentiles_of(
          paced<FutexSystem>({}, conditions, interval, Receiving::Sleeping).histogram);
    case Floor::OneWayRing:
      break;
  }
  return gated<OneWayRingSystem>({conditions, {}, batch});
}

}  // namespace ron::bench
