// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The workloads as a runner offers them, instantiated for one system.
#pragma once

#include <vector>

#include "harness/serve.hpp"
#include "systems/system.hpp"
#include "workloads/gated.hpp"
#include "workloads/latency.hpp"
#include "workloads/throughput.hpp"

namespace ron::bench {

/// `One` is the system where a single thread publishes, `Many` where there may be several.
template <template <class, Loss> class One, template <class, Loss> class Many>
std::vector<Runnable> workloads_for() {
  static_assert(SystemOf<One, Number, Loss::Lossy> && SystemOf<One, Number, Loss::Gated>);
  static_assert(SystemOf<Many, Number, Loss::Lossy> && SystemOf<Many, Number, Loss::Gated>);
  return {{"throughput", [](Words& words) { return throughput<One>(ThroughputRequest{words}); }},
          {"latency", [](Words& words) { return latency<One>(LatencyRequest{words}); }},
          {"gated", [](Words& words) {
             const GatedRequest request{words};
             return request.shape.publishers == 1 ? gated<One>(request) : gated<Many>(request);
           }}};
}

}  // namespace ron::bench
