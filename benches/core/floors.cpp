// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the machine takes for the least that a bus could do, and what the harness itself costs.
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "core/cases.hpp"
#include "core/slice.hpp"
#include "systems/instructions.hpp"

namespace ron::bench::core {
namespace {

/// `Operation` gets a word of its own and a number, once for each operation.
template <class Operation>
Case floor(Result result, Operation operation) {
  struct State {
    alignas(64) std::atomic<std::uint64_t> word{0};
    Slice slice;
  };
  auto state = std::make_shared<State>();
  return {{std::move(result)}, {}, [state, operation](std::span<double> samples) {
            samples[0] = state->slice.measure([&](std::uint64_t count) {
              for (std::uint64_t i = 0; i < count; ++i) operation(state->word, i);
            });
          }};
}

/// What the clock adds to each of the timed stretches of `measure_prepared`.
Case clock_overhead() {
  return {{cost("harness_clock", "two readings of the clock with nothing between them")},
          {},
          [](std::span<double> samples) {
            samples[0] = measure_prepared([] {}, [] { return std::uint64_t{1}; });
          }};
}

}  // namespace

void add_floors(std::vector<Case>& cases) {
  using namespace instructions;
  cases.push_back(floor(cost("floor_xadd", "uncontended atomic fetch_add, result used"), Xadd{}));
  cases.push_back(floor(cost("floor_store", "store of a number, release order"), Store{}));
  cases.push_back(floor(cost("floor_fence", "store of a number and a full fence"), Fence{}));
  cases.push_back(floor(cost("harness_loop", "one turn of the empty timed loop"), Nothing{}));
  cases.push_back(clock_overhead());
}

}  // namespace ron::bench::core
