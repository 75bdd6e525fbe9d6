// SPDX-License-Identifier: MIT OR Apache-2.0
#include <chrono>

#include "core/publishing.hpp"

namespace ron::bench::core {
namespace {

BusBuilder shared() { return BusBuilder{}.cap(kCapacity); }
BusBuilder single() { return shared().single_publisher(); }

template <class Way>
Case numbers(Result result, const BusBuilder& builder, const Way& way) {
  auto bus = build<Number>(builder);
  auto idle = idle_subscribers(bus, 1);
  auto publish = way(bus);
  return publishing(std::move(result), std::move(bus), std::move(idle), std::move(publish));
}

Case batches(Result result, const BusBuilder& builder) {
  auto bus = build<Number>(builder);
  auto idle = idle_subscribers(bus, 1);
  auto publish = by_publish_many(bus);
  return publishing(std::move(result), std::move(bus), std::move(idle), std::move(publish),
                    [](std::uint64_t i) { return i % Batches::kPeriod; });
}

/// The subscriber has slept, so all that sleeping sets in motion has been in motion.
Case after_sleep(Result result, const BusBuilder& builder) {
  auto bus = build<Number>(builder);
  auto idle = idle_subscribers(bus, 1);
  check(!idle.front().recv_for(std::chrono::milliseconds{1}), "there is a message");
  auto publish = by_publish(bus);
  return publishing(std::move(result), std::move(bus), std::move(idle), std::move(publish));
}

}  // namespace

void add_publish(std::vector<Case>& cases) {
  const auto publish = [](const Bus<Number>& bus) { return by_publish(bus); };
  const auto bus_publish = [](const Bus<Number>& bus) { return by_bus_publish(bus); };
  const auto try_publish = [](const Bus<Number>& bus) { return by_try_publish(bus); };

  cases.push_back(numbers(cost("publish_single", "publish, single publisher promised", 0.35),
                          single(), publish));
  cases.push_back(
      numbers(cost("publish_shared", "publish through a Publisher", 1.8), shared(), publish));
  cases.push_back(batches(
      cost("publish_many_64_single", "publish_many of 64, by the message", 0.15), single()));
  cases.push_back(
      batches(cost("publish_many_64_shared", "publish_many of 64, by the message", 1.2), shared()));
  cases.push_back(
      numbers(cost("try_publish_single", "try_publish, nobody gates"), single(), try_publish));
  cases.push_back(
      numbers(cost("try_publish_shared", "try_publish, nobody gates"), shared(), try_publish));
  cases.push_back(numbers(cost("bus_publish_single", "publish through the Bus, without a handle"),
                          single(), bus_publish));
  cases.push_back(numbers(cost("bus_publish_shared", "publish through the Bus, without a handle"),
                          shared(), bus_publish));
  cases.push_back(after_sleep(
      cost("publish_single_slept", "publish to a subscriber that has slept before"), single()));
  cases.push_back(numbers(cost("publish_single_portable", "publish with the portable fence"),
                          single().fence(FencePolicy::Portable), publish));
  cases.push_back(numbers(cost("publish_shared_portable", "publish with the portable fence"),
                          shared().fence(FencePolicy::Portable), publish));
  constexpr MetricsCfg kMeasured{.sample_every = 1024, .end_to_end = true};
  cases.push_back(numbers(cost("publish_single_measured", "publish, one in 1024 timed and stamped"),
                          single().metrics(kMeasured), publish));
  cases.push_back(numbers(cost("publish_shared_measured", "publish, one in 1024 timed and stamped"),
                          shared().metrics(kMeasured), publish));
}

}  // namespace ron::bench::core
