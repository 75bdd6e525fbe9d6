// SPDX-License-Identifier: MIT OR Apache-2.0
#include "threads/suite.hpp"

#include "harness/clock.hpp"
#include "threads/cases.hpp"

namespace ron::bench {

Suite threads_suite(const Options& options) {
  (void)nanoseconds_per_tick();  // calibrated now rather than in the first case

  const Conditions conditions{.pin = options.pin};
  Suite suite{.cases = {}, .warm_ups = 1, .rounds = 7, .ratio = threads::kRatio};
  threads::add_one_to_one(suite.cases, conditions);
  threads::add_contended(suite.cases, conditions);
  threads::add_many_to_many(suite.cases, conditions);
  threads::add_latency(suite.cases, conditions);
  return suite;
}

}  // namespace ron::bench
