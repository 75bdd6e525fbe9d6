// SPDX-License-Identifier: MIT OR Apache-2.0
#include "systems/tbb.hpp"

#include <tbb/version.h>

#include "runners/systems.hpp"
#include "runners/workloads.hpp"

namespace ron::bench {

RunnableSystem tbb_bounded_queue() {
  return {.name = "tbb",
          .label = "tbb::concurrent_bounded_queue, a fan-out",
          .version = TBB_VERSION_STRING,
          .workloads = workloads_for<TbbQueues, TbbQueues>()};
}

}  // namespace ron::bench
