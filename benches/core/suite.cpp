// SPDX-License-Identifier: MIT OR Apache-2.0
#include "core/suite.hpp"

#include "core/cases.hpp"
#include "harness/clock.hpp"
#include "harness/pinning.hpp"

namespace ron::bench {

Suite core_suite(const Options& options) {
  if (options.pin) pin_this_thread(0);
  (void)nanoseconds_per_tick();  // calibrated now rather than in the first case

  Suite suite{.cases = {}, .warm_ups = 3, .rounds = 60, .ratio = core::kRatio};
  core::add_floors(suite.cases);
  core::add_publish(suite.cases);
  core::add_receive(suite.cases);
  core::add_events(suite.cases);
  core::add_fanout(suite.cases);
  core::add_allocations(suite.cases);
  core::add_construct(suite.cases);
  return suite;
}

}  // namespace ron::bench
