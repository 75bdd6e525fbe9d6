// SPDX-License-Identifier: MIT OR Apache-2.0
//
// runner_ronbus: this bus, and the floors below it.
#include "runners/run.hpp"
#include "runners/systems.hpp"

int main(int argc, char**) {
  using namespace ron::bench;
  return run_runner("runner_ronbus", "ronbus", argc, {ron_bus(), ron_bus_single(), floor_system()});
}
