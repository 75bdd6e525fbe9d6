// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runners/run.hpp"

#include <iostream>

#include "harness/clock.hpp"

namespace ron::bench {

int run_runner(const std::string& program, const std::string& runner, int argc,
               const std::vector<RunnableSystem>& systems) {
  if (argc > 1) {
    std::cerr << program << ": takes no arguments but requests on its standard input: list, run "
              << "system=... workload=..., quit; see docs/BENCHMARKS.md\n";
    return 2;
  }
  // Measured here, so that no run has to.
  (void)nanoseconds_per_tick();
  serve(runner, systems, std::cin, std::cout);
  return 0;
}

}  // namespace ron::bench
