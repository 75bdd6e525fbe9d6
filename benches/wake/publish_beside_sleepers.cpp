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

/// What the calling thread, or the whole process, has used of the processors.
[[nodiscard]] std::chrono::nanoseconds used(clockid_t by) {
  timespec time{};
  ::clock_gettime(by, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// Returns once hardly any thread of this process runs: those who have nothing to do are asleep.
void wait_until_quiet() {
  using namespace std::chrono_literals;
  for (auto before = used(CLOCK_PROCESS_CPUTIME_ID);;) {
    std::this_thread::sleep_for(1ms);
    const auto now = used(CLOCK_PROCESS_CPUTIME_ID);
    if (now - before < 50us) return;
    before = now;
  }
}

/// Of publishes, in nanoseconds.
struct Times {
  Histogram elapsed;
  /// Without the times at which those who were woken had the publisher's processor.
  Histogram processor;
};

[[nodiscard]] Times publish_times(std::size_t sleepers, const Conditions& conditions) {
  const auto bus = threads::build(BusBuilder{}.mode(BusMode::Classic).cap(256));
  auto publisher = threads::publisher_of(bus);
  std::atomic<std::size_t> received{0};
  std::atomic<std::size_t> lost{0};
  Times times;
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
      const auto used_before = used(CLOCK_THREAD_CPUTIME_ID);
      const Ticks begin = now();
      publisher.publish(i);
      const Ticks end = now();
      const auto used_after = used(CLOCK_THREAD_CPUTIME_ID);
      times.elapsed.record(static_cast<std::uint64_t>(to_nanoseconds(end - begin)));
      times.processor.record(static_cast<std::uint64_t>((used_after - used_before).count()));
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
    const auto result = [sleepers](const char* suffix, const char* what) {
      return Result{.name = name_of(sleepers) + suffix,
                    .about = std::string{what} + " of a publish while so many subscribers sleep",
                    .unit = "ns",
                    .ratios = {Ratio::to(name_of(kFew) + suffix, "ratio_to_16")},
                    .target = {},
                    .samples = {}};
    };
    std::vector<Result> results{result("", "median"), result("_p99", "99th percentile"),
                                result("_processor", "median of the processor time")};
    if (sleepers > kFew) {
      for (const std::size_t median : {0U, 2U}) {
        results[median].target = Target::at_most("ratio_to_16", kMostTimesFew);
      }
    }
    cases.push_back({std::move(results), {}, [=](std::span<double> samples) {
                       const Times times = publish_times(sleepers, conditions);
                       samples[0] = static_cast<double>(times.elapsed.percentile(50));
                       samples[1] = static_cast<double>(times.elapsed.percentile(99));
                       samples[2] = static_cast<double>(times.processor.percentile(50));
                     }});
  }
}

}  // namespace ron::bench::wake
