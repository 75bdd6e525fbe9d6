// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How often subscribers are woken for a train of bursts. Bursts that are a long time apart wake
// each subscriber once, in every mode: there is nothing to save but by making them wait that long.
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <ronbus/flavor/features.hpp>

#include "harness/check.hpp"
#include "threads/systems/ron_bus.hpp"
#include "wake/cases.hpp"

namespace ron::bench::wake {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kSubscribers = 4;
constexpr std::size_t kBurst = 512;
constexpr double kMostAtEdge = 1.0 / 50;
constexpr double kMostOfClassic = 0.5;
constexpr microseconds kLongPause{1000};
/// From the end of a burst to the begin of the next.
constexpr std::array<microseconds, 3> kPauses{microseconds{0}, microseconds{100}, kLongPause};

/// Wake-ups of all subscribers together for each message that is published.
[[nodiscard]] double wake_ups_per_message(BusMode mode, microseconds pause,
                                          const Conditions& conditions) {
  const auto bus = threads::build(BusBuilder{}.mode(mode).cap(4 * kBurst).burst(kBurst));
  std::atomic<std::uint64_t> wakeups{0};
  std::atomic<bool> complete{true};
  std::uint64_t published = 0;
  {
    std::vector<Worker> workers;
    workers.emplace_back([&](const std::atomic<bool>& stop) {
      auto publisher = threads::publisher_of(bus);
      while (!stop.load(std::memory_order_relaxed)) {
        for (std::size_t i = 0; i < kBurst; ++i) publisher.publish(published++);
        if (pause.count() > 0) std::this_thread::sleep_for(pause);
      }
      bus.close();
    });
    for (std::size_t i = 0; i < kSubscribers; ++i) {
      workers.emplace_back(
          [&, subscriber = bus.subscribe()](const std::atomic<bool>& /*stop*/) mutable {
            for (;;) {
              const auto message = subscriber.recv();
              if (!message && message.error() == RecvError::Closed) break;
            }
            wakeups.fetch_add(subscriber.wakeups());
            if (subscriber.received() + subscriber.missed() != bus.published()) complete = false;
          });
    }
    run_workers(std::move(workers), conditions);
  }
  check(complete && bus.published() == published, "received and missed are not what was published");
  return static_cast<double>(wakeups.load()) / static_cast<double>(published);
}

[[nodiscard]] std::string name_of(const char* mode, microseconds pause) {
  return std::string{"wake_ups_"} + mode + "_" + std::to_string(pause.count()) + "us";
}

}  // namespace

void add_wake_ups(std::vector<Case>& cases, const Conditions& conditions) {
  const auto add = [&](const char* name, BusMode mode, microseconds pause) {
    Result result{.name = name_of(name, pause),
                  .about = "wake-ups of 4 subscribers per message of bursts of 512, so far apart",
                  .unit = "1",
                  .ratios = {Ratio::to(name_of("classic", pause), "ratio_to_classic")},
                  .target = {},
                  .samples = {}};
    if (mode == BusMode::Edge) result.target = Target::at_most("median", kMostAtEdge);
    std::vector<Result> results{result};
    if (mode == BusMode::Edge && pause < kLongPause) {
      // A result has one target: the other one gets a result of its own.
      results.push_back(result);
      results.back().name += "_of_classic";
      results.back().target = Target::at_most("ratio_to_classic", kMostOfClassic);
    }
    cases.push_back({std::move(results), {}, [=](std::span<double> samples) {
                       samples[0] = wake_ups_per_message(mode, pause, conditions);
                       if (samples.size() > 1) samples[1] = samples[0];
                     }});
  };
  for (const microseconds pause : kPauses) {
    add("classic", BusMode::Classic, pause);
    if (flavor::kHasEdge) add("edge", BusMode::Edge, pause);
  }
}

}  // namespace ron::bench::wake
