// SPDX-License-Identifier: MIT OR Apache-2.0
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/cases.hpp"
#include "core/numbered.hpp"
#include "core/slice.hpp"
#include "harness/consume.hpp"

namespace ron::bench::core {
namespace {

constexpr double kOneMicrosecond = 1000;

/// From a builder that knows what to build to a bus and back to nothing.
Case construct(Result result, const BusBuilder& builder) {
  auto slice = std::make_shared<Slice>();
  return {{std::move(result)},
          [builder] {
            const auto bus = build<Number>(builder);
            check(bus.capacity() == 256, "the bus has another capacity");
            auto reader = bus.subscribe();
            check(bus.publish(7) == 1 && reader.try_recv().value() == 7, "the bus does not work");
          },
          [slice, builder](std::span<double> samples) {
            samples[0] = slice->measure([&builder](std::uint64_t count) {
              for (std::uint64_t i = 0; i < count; ++i) {
                auto bus = builder.build<Number>();
                consume(bus.has_value());
                obscure(bus);
              }
            });
          }};
}

}  // namespace

void add_construct(std::vector<Case>& cases) {
  const BusBuilder builder = BusBuilder{}.cap(256);
  Result result = cost("construct_256", "build and destroy a bus, BusBuilder{}.cap(256)");
  result.target = Target::at_most("median", kOneMicrosecond);
  cases.push_back(construct(std::move(result), builder));
  cases.push_back(construct(
      cost("construct_256_single", "build and destroy a bus that promised a single publisher"),
      BusBuilder{builder}.single_publisher()));
  cases.push_back(construct(
      cost("construct_256_no_env", "build and destroy a bus without looking at the environment"),
      BusBuilder{builder}.environment(
          [](std::string_view) -> std::optional<std::string> { return std::nullopt; })));
}

}  // namespace ron::bench::core
