// SPDX-License-Identifier: MIT OR Apache-2.0
#include "systems/concurrentqueue.hpp"

#include "runners/systems.hpp"
#include "runners/workloads.hpp"

namespace ron::bench {

RunnableSystem concurrentqueue() {
  return {.name = "concurrentqueue",
          .label = "moodycamel::BlockingConcurrentQueue, a fan-out",
          .version = "",
          .workloads = workloads_for<ConcurrentQueues, ConcurrentQueues>()};
}

}  // namespace ron::bench
