// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random programs on a bus, compared with a model of it step by step. A failing program is shrunk.
#include <iterator>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "any_bus.hpp"
#include "comparison.hpp"

namespace ron::test {
namespace {

rc::Gen<std::vector<Step>> programs() {
  // Closing ends the interesting part: rarely.
  const auto action = rc::gen::mapcat(rc::gen::inRange(0, 100), [](int percent) {
    return percent == 0 ? rc::gen::just(kActions - 1) : rc::gen::inRange(0, kActions - 1);
  });
  const auto step = rc::gen::build<Step>(rc::gen::set(&Step::action, action),
                                         rc::gen::set(&Step::who, rc::gen::inRange(0U, 60U)),
                                         rc::gen::set(&Step::much, rc::gen::inRange(0U, 60U)));
  return rc::gen::scale(3.0, rc::gen::container<std::vector<Step>>(step));
}

class BusModel : public testing::TestWithParam<std::tuple<Storage, std::size_t>> {};

INSTANTIATE_TEST_SUITE_P(
    All, BusModel, testing::Combine(testing::ValuesIn(kAllStorages), testing::Values(2, 4, 8)),
    [](const auto& which) {
      return name_of(std::get<0>(which.param)) + "_" + std::to_string(std::get<1>(which.param));
    });

TEST_P(BusModel, predicts_every_program) {
  const auto [storage, capacity] = GetParam();
  EXPECT_TRUE(rc::check("the bus does what the model says", [storage, capacity] {
    const bool portable = *rc::gen::arbitrary<bool>();
    const BusMode mode =
        *rc::gen::elementOf(std::vector<BusMode>{std::begin(kAllModes), std::end(kAllModes)});
    const std::vector<Step> program = *programs();
    // Half of all buses measure, and so often that most calls meet with it.
    const MetricsCfg metrics{
        .sample_every = *rc::gen::elementOf(std::vector<std::uint32_t>{0, 0, 1, 3}),
        .end_to_end = *rc::gen::arbitrary<bool>()};
    Comparison run{storage, capacity, portable ? FencePolicy::Portable : FencePolicy::Auto, mode,
                   metrics};
    for (const Step& step : program) {
      run.step(step);
      run.check();
    }
    run.finish();
  }));
}

}  // namespace
}  // namespace ron::test
