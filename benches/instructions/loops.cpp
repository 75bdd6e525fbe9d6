// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Loops without an operation, which are taken off the others.
#include "harness/consume.hpp"
#include "instructions/paths.hpp"

namespace ron::bench::instructions {
namespace {

void loop(std::uint64_t iterations) {
  for (std::uint64_t i = 0; i < iterations; ++i) consume(i);
}

}  // namespace

void count_loops(Counter& counter) {
  counter.count("no_loop", 0, 1, loop);
  counter.count("empty_loop", kCapacity, 1, loop);
}

}  // namespace ron::bench::instructions
