// SPDX-License-Identifier: MIT OR Apache-2.0
#include "systems/boost_lockfree.hpp"

#include <boost/version.hpp>

#include "runners/systems.hpp"
#include "runners/workloads.hpp"

namespace ron::bench {

RunnableSystem boost_lockfree() {
  return {.name = "boost-lockfree",
          .label = "boost::lockfree queues, a fan-out",
          .version = BOOST_LIB_VERSION,
          .workloads = workloads_for<BoostOneSender, BoostManySenders>()};
}

}  // namespace ron::bench
