// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sequences of calls on a bus of any storage and mode, against the model of the property tests.
// Input: storage, capacity, mode, fence and what is measured; then three bytes a step.
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "input.hpp"
#include "property/comparison.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ron;
  using namespace ron::test;
  constexpr std::size_t kMostSteps = 2000;
  fuzz::Input input{data, size};
  const Storage storage = kAllStorages[input.up_to(std::size(kAllStorages) - 1)];
  const std::size_t capacity = std::size_t{2} << input.up_to(2);
  const BusMode mode = kAllModes[input.up_to(std::size(kAllModes) - 1)];
  const unsigned bits = input.byte();
  const FencePolicy fence = (bits & 1) != 0 ? FencePolicy::Portable : FencePolicy::Auto;
  constexpr std::uint32_t kEvery[] = {0, 0, 1, 3};
  const MetricsCfg metrics{.sample_every = kEvery[bits >> 1 & 3],
                           .end_to_end = (bits >> 3 & 1) != 0};
  Comparison run{storage, capacity, fence, mode, metrics};
  for (std::size_t i = 0; i < kMostSteps && !input.empty(); ++i) {
    Step step;
    step.action = static_cast<int>(input.up_to(kActions - 1));
    step.who = input.byte();
    step.much = input.byte();
    run.step(step);
    run.check();
  }
  run.finish();
  return 0;
}
