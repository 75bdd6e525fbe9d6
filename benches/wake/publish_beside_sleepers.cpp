// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a publish costs that finds subscribers asleep.
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <time.h>

#include "harness/check.hpp"
#include "harness/clock.hpp"
#include "harness/histogram.hpp"
#include "harness/pinning.hpp"
#include "threads/systems/ron_bus.hpp"
#include "wake/cases.hpp"

namespace ron::bench::wake {
namespace {

constexpr std::size_t kFew = 16;
constexpr std::array<std::size_t, 4> kSleepers{1, kFew, 256, 1024};
/// One run publishes this often, and each time waits until everybody sleeps again.
constexpr std::size_t kPublishes = 100;
constexpr double kMostTimesFew = 3;

[[nodiscard]] std::chrono::nanoseconds process_time() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// Returns once hardly any thread of this process runs: those who have nothing to do are asleep.
void wait_until_quiet() {
  using namespace std::chrono_literals;
  for (auto before = process_time();;) {
    std::this_thread::sleep_for(1ms);
    const auto now = process_time();
    if (now - before < 50us) return;
    before = now;
  }
}

[[nodiscard]] Histogram publish_times(std::size_t sleepers, const Conditions& conditions) {
  const auto bus = threads::build(BusBuilder{}.mode(BusMode::Classic).cap(256));
  auto publisher = threads::publisher_of(bus);
  std::atomic<std::size_t> received{0};
  std::atomic<std::size_t> lost{0};
  Histogram times;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < sleepers; ++i) {
      threads.emplace_back(
          [&, subscriber = bus.subscribe({.wait = WaitStrategy::SleepAtOnce})]() mutable {
            while (subscriber.recv()) received.fetch_add(1, std::memory_order_relaxed);
            lost.fetch_add(subscriber.missed(), std::memory_order_relaxed);
          });
    }
    if (conditions.pin) pin_this_thread(0);
    for (std::size_t i = 0; i < kPublishes; ++i) {
      while (received.load(std::memory_order_relaxed) < i * sleepers) std::this_thread::yield();
      wait_until_quiet();
      const Ticks begin = now();
      publisher.publish(i);
      times.record(static_cast<std::uint64_t>(to_nanoseconds(now() - begin)));
    }
    while (received.load(std::memory_order_relaxed) < kPublishes * sleepers) {
      std::this_thread::yield();
    }
    bus.close();
  }
  check(lost == 0, "messages are missing");
  return times;
}

[[nodiscard]] std::string name_of(std::size_t sleepers) {
  return "publish_" + std::to_string(sleepers) + "_asleep";
}

}  // namespace

void add_publish_beside_sleepers(std::vector<Case>& cases, const Conditions& conditions) {
  for (const std::size_t sleepers : kSleepers) {
    const auto result = [sleepers](const char* suffix, const char* rank) {
      return Result{.name = name_of(sleepers) + suffix,
                    .about = std::string{rank} + " of a publish while so many subscribers sleep",
                    .unit = "ns",
                    .ratios = {Ratio::to(name_of(kFew) + suffix, "ratio_to_16")},
                    .target = {},
                    .samples = {}};
    };
    std::vector<Result> results{result("", "median"), result("_p99", "99th percentile")};
    if (sleepers > kFew) results.front().target = Target::at_most("ratio_to_16", kMostTimesFew);
    cases.push_back({std::move(results), {}, [=](std::span<double> samples) {
                       const Histogram times = publish_times(sleepers, conditions);
                       samples[0] = static_cast<double>(times.percentile(50));
                       samples[1] = static_cast<double>(times.percentile(99));
                     }});
  }
}

}  // namespace ron::bench::wake
