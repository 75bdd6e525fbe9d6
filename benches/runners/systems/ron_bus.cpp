// SPDX-License-Identifier: MIT OR Apache-2.0
#include "systems/ron_bus.hpp"

#include "runners/systems.hpp"
#include "runners/workloads.hpp"

namespace ron::bench {

RunnableSystem ron_bus() {
  return {.name = "ron-bus",
          .label = "ron::Bus, several publishers allowed",
          .version = RONBUS_VERSION,
          .workloads = workloads_for<RonBus, RonBus>()};
}

}  // namespace ron::bench
