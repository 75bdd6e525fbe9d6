// SPDX-License-Identifier: MIT OR Apache-2.0
#include "threads/latency.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "systems/one_line.hpp"
#include "threads/systems/ron_bus.hpp"

namespace ron::bench::threads {
namespace {

constexpr std::size_t kCapacity = 256;
constexpr double kMostFloors = 1.5;
constexpr const char* kFloor = "floor_one_way";

struct Rank {
  const char* suffix;
  double percent;
};
/// The median bears the plain name.
constexpr std::array kRanks{
    Rank{.suffix = "", .percent = 50},        Rank{.suffix = "_p90", .percent = 90},
    Rank{.suffix = "_p95", .percent = 95},    Rank{.suffix = "_p99", .percent = 99},
    Rank{.suffix = "_p999", .percent = 99.9}, Rank{.suffix = "_max", .percent = 100}};

template <class Make>
Case latencies(const std::string& name, const std::string& about, Make make,
               const Conditions& conditions) {
  std::vector<Result> results;
  results.reserve(kRanks.size());
  for (const Rank& rank : kRanks) {
    results.push_back({.name = name + rank.suffix,
                       .about = about,
                       .unit = "ns",
                       .ratios = {Ratio::to(std::string{kFloor} + rank.suffix, kRatio)},
                       .target = {},
                       .samples = {}});
  }
  if (name != kFloor) results.front().target = Target::at_most(kRatio, kMostFloors);
  return {std::move(results), {}, [=](std::span<double> samples) {
            const auto system = make();
            const Histogram histogram = latency(*system, conditions);
            for (std::size_t i = 0; i < kRanks.size(); ++i) {
              samples[i] = static_cast<double>(histogram.percentile(kRanks[i].percent));
            }
          }};
}

}  // namespace

void add_latency(std::vector<Case>& cases, const Conditions& conditions) {
  cases.push_back(latencies(
      kFloor, "one word written every 10 us, polled by another core",
      [] { return std::make_unique<OneLine>(); }, conditions));
  cases.push_back(latencies(
      "latency_polling_10us", "publish every 10 us to a subscriber that calls try_recv",
      [] { return std::make_unique<PolledBus>(BusBuilder{}.cap(kCapacity)); }, conditions));
  cases.push_back(latencies(
      "latency_polling_10us_single", "the same, single publisher promised",
      [] { return std::make_unique<PolledBus>(BusBuilder{}.cap(kCapacity).single_publisher()); },
      conditions));
}

}  // namespace ron::bench::threads
