// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wake/suite.hpp"

#include "harness/clock.hpp"
#include "wake/cases.hpp"

namespace ron::bench {

Suite wake_suite(const Options& options) {
  (void)nanoseconds_per_tick();  // calibrated now rather than in the first case

  const Conditions conditions{.pin = options.pin};
  Suite suite{.cases = {}, .warm_ups = 1, .rounds = 7, .ratio = wake::kRatio};
  wake::add_publish_beside_sleepers(suite.cases, conditions);
  wake::add_sleeping_receive(suite.cases, conditions);
  wake::add_asynchronous_receive(suite.cases, conditions);
  wake::add_wake_ups(suite.cases, conditions);
  return suite;
}

}  // namespace ron::bench
