// SPDX-License-Identifier: MIT OR Apache-2.0
//
// ronbus_allocations: the case `allocations_per_message` of ronbus_bench by itself, for
// scripts/perf_gate. Writes the figure on the standard output.
#include <array>
#include <cstdio>
#include <exception>
#include <vector>

#include <fmt/core.h>

#include "core/cases.hpp"

int main() {
  try {
    std::vector<ron::bench::Case> cases;
    ron::bench::core::add_allocations(cases);
    std::array<double, 1> allocations{};
    cases.front().verify();
    cases.front().run(allocations);
    fmt::print("{}\n", allocations.front());
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "ronbus_allocations: {}\n", failure.what());
    return 1;
  }
}
