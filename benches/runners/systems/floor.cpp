// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runners/systems.hpp"
#include "workloads/floors.hpp"

namespace ron::bench {

RunnableSystem floor_system() {
  return {.name = "floor",
          .label = "what no bus can beat here",
          .version = "",
          .workloads = {{.workload = "floors", .run = floors}}};
}

}  // namespace ron::bench
