// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runners/systems.hpp"
#include "runners/workloads.hpp"
#include "systems/ron_bus.hpp"

namespace ron::bench {

RunnableSystem ron_bus_single() {
  return {.name = "ron-bus-single",
          .label = "ron::Bus, one publisher promised",
          .version = RONBUS_VERSION,
          .workloads = workloads_for<RonBusSingle, RonBusSingle>()};
}

}  // namespace ron::bench
