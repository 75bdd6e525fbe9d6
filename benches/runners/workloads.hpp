// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The workloads as a runner offers them, instantiated for one system.
#pragma once

#include <utility>
#include <vector>

#include "harness/serve.hpp"
#include "systems/system.hpp"
#include "workloads/ab_compare.hpp"
#include "workloads/bus_publish.hpp"
#include "workloads/construct.hpp"
#include "workloads/fanout_scaling.hpp"
#include "workloads/gated.hpp"
#include "workloads/latency.hpp"
#include "workloads/latency_service.hpp"
#include "workloads/overflow.hpp"
#include "workloads/payloads.hpp"
#include "workloads/slo.hpp"
#include "workloads/throughput.hpp"

namespace ron::bench {

/// Every workload that the system has a part in. `One` is the system where a single thread
/// publishes, `Many` where there may be several.
template <template <class, Loss> class One, template <class, Loss> class Many>
std::vector<Runnable> workloads_for() {
  static_assert(SystemOf<One, Number, Loss::Lossy> && SystemOf<One, Number, Loss::Gated>);
  static_assert(SystemOf<Many, Number, Loss::Lossy> && SystemOf<Many, Number, Loss::Gated>);
  using System = One<Number, Loss::Lossy>;

  std::vector<Runnable> workloads;
  const auto offer = [&](const char* name, auto run) {
    workloads.push_back({.workload = name, .run = std::move(run)});
  };
  offer("throughput", [](Words& words) { return throughput<One>(ThroughputRequest{words}); });
  offer("latency_service",
        [](Words& words) { return latency_service<One>(LatencyServiceRequest{words}); });
  offer("latency", [](Words& words) { return latency<One>(LatencyRequest{words}); });
  if constexpr (System::kSleeps) {
    offer("slo", [](Words& words) { return slo<One>(SloRequest{words}); });
  }
  if constexpr (System::kAccounting == Accounting::ByReceiver) {
    offer("overflow", [](Words& words) { return overflow<One>(OverflowRequest{words}); });
  }
  offer("bus_publish", [](Words& words) { return bus_publish<One>(BusPublishRequest{words}); });
  if constexpr (System::kAccounting != Accounting::Nobody) {
    offer("ab_compare", [](Words& words) { return ab_compare<One>(AbCompareRequest{words}); });
  }
  offer("gated", [](Words& words) {
    const GatedRequest request{words};
    return request.shape.publishers == 1 ? gated<One>(request) : gated<Many>(request);
  });
  offer("fanout_scaling",
        [](Words& words) { return fanout_scaling<One, Many>(FanoutScalingRequest{words}); });
  offer("payloads", [](Words& words) { return payloads<One>(PayloadsRequest{words}); });
  offer("construct", [](Words& words) { return construct<One>(ConstructRequest{words}); });
  return workloads;
}

}  // namespace ron::bench
