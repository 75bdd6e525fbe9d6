// SPDX-License-Identifier: MIT OR Apache-2.0
#include "systems/zeromq.hpp"

#include <fmt/format.h>

#include "runners/systems.hpp"
#include "runners/workloads.hpp"

namespace ron::bench {

RunnableSystem zeromq_inproc() {
  return {
      .name = "zeromq",
      .label = "ZeroMQ inproc PUB/SUB",
      .version = fmt::format("{}.{}.{}", ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH),
      .workloads = workloads_for<ZeroMq, ZeroMq>()};
}

}  // namespace ron::bench
