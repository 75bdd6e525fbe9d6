// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How late a sleeping subscriber sees a message: from before the publish to after the receive,
// beside a thread that sleeps on a word and is woken by the bare system call.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ronbus/wait/futex.hpp>

#include "harness/stamps.hpp"
#include "threads/systems/ron_bus.hpp"
#include "wake/cases.hpp"

namespace ron::bench::wake {
namespace {

constexpr const char* kFloor = "floor_futex";
constexpr double kMostFloors = 1.15;
/// Between two messages; long enough to fall asleep.
constexpr double kInterval = 100'000;

/// The floor: the latest stamp, and a word to sleep on that counts the stamps.
class SleepOnWord {
 public:
  void post(Ticks stamp) {
    stamp_.store(stamp, std::memory_order_relaxed);
    posted_.fetch_add(1, std::memory_order_release);
    wait::futex_wake_one(posted_);
  }
  [[nodiscard]] Ticks receive() {
    for (;;) {
      const std::uint32_t posted = posted_.load(std::memory_order_acquire);
      const Ticks stamp = stamp_.load(std::memory_order_relaxed);
      if (stamp != std::exchange(last_, stamp)) return stamp;
      wait::futex_wait(posted_, posted, {});
    }
  }

 private:
  static constexpr Ticks kNone = ~Ticks{0};

  std::atomic<std::uint32_t> posted_{0};
  std::atomic<Ticks> stamp_{kNone};
  alignas(64) Ticks last_ = kNone;
};

class SleepOnBus {
 public:
  SleepOnBus(const BusBuilder& builder, WaitStrategy strategy)
      : bus_{threads::build(builder)}, subscriber_{bus_.subscribe({.wait = strategy})} {}

  void post(Ticks stamp) { publisher_.publish(stamp); }
  [[nodiscard]] Ticks receive() { return subscriber_.recv().value_or(kEndStamp); }

 private:
  Bus<std::uint64_t> bus_;
  Publisher<std::uint64_t> publisher_ = threads::publisher_of(bus_);
  Subscriber<std::uint64_t> subscriber_;
};

template <class System>
[[nodiscard]] Histogram latency(System& system, const Conditions& conditions) {
  StampRecord record;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    post_stamps(stop, kInterval, [&](Ticks stamp) { system.post(stamp); });
  });
  workers.emplace_back([&](const std::atomic<bool>&) {
    while (record.note(system.receive())) {
    }
  });
  run_workers(std::move(workers), conditions);
  return record.checked();
}

template <class Make>
[[nodiscard]] Case latencies(const std::string& name, const std::string& about, Make make,
                             const Conditions& conditions) {
  const auto result = [&](const char* suffix) {
    return Result{.name = name + suffix,
                  .about = about,
                  .unit = "ns",
                  .ratios = {Ratio::to(std::string{kFloor} + suffix, kRatio)},
                  .target = {},
                  .samples = {}};
  };
  std::vector<Result> results{result(""), result("_p99")};
  if (name != kFloor) results.front().target = Target::at_most(kRatio, kMostFloors);
  return {std::move(results), {}, [=](std::span<double> samples) {
            const auto system = make();
            const Histogram histogram = latency(*system, conditions);
            samples[0] = static_cast<double>(histogram.percentile(50));
            samples[1] = static_cast<double>(histogram.percentile(99));
          }};
}

}  // namespace

void add_sleeping_receive(std::vector<Case>& cases, const Conditions& conditions) {
  const auto bus = [](bool sole, WaitStrategy strategy) {
    return [=] {
      return std::make_unique<SleepOnBus>(
          BusBuilder{}.mode(BusMode::Classic).cap(256).single_publisher(sole), strategy);
    };
  };
  cases.push_back(latencies(
      kFloor, "a futex woken every 100 us", [] { return std::make_unique<SleepOnWord>(); },
      conditions));
  cases.push_back(latencies("sleeping_receive", "publish every 100 us to a subscriber that sleeps",
                            bus(false, WaitStrategy::SpinThenSleep), conditions));
  cases.push_back(latencies("sleeping_receive_at_once", "the same, without spinning first",
                            bus(false, WaitStrategy::SleepAtOnce), conditions));
  cases.push_back(latencies("sleeping_receive_single", "the same, single publisher promised",
                            bus(true, WaitStrategy::SpinThenSleep), conditions));
}

}  // namespace ron::bench::wake
