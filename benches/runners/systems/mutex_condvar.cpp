// SPDX-License-Identifier: MIT OR Apache-2.0
#include "systems/mutex_condvar.hpp"

#include "runners/systems.hpp"
#include "runners/workloads.hpp"

namespace ron::bench {

RunnableSystem mutex_condvar() {
  return {.name = "mutex-condvar",
          .label = "std::mutex and std::condition_variable",
          .version = "",
          .workloads = workloads_for<MutexCondvar, MutexCondvar>()};
}

}  // namespace ron::bench
