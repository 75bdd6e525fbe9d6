// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What subscribers that do not read cost a publisher: nothing.
#include "core/publishing.hpp"

namespace ron::bench::core {
namespace {

constexpr double kWithinFivePercent = 1.05;

Case with_idle(Result result, std::size_t subscribers) {
  auto bus = build<Number>(BusBuilder{}.cap(kCapacity));
  auto idle = idle_subscribers(bus, subscribers);
  auto publish = by_publish(bus);
  return publishing(std::move(result), std::move(bus), std::move(idle), std::move(publish));
}

}  // namespace

void add_fanout(std::vector<Case>& cases) {
  cases.push_back(with_idle(cost("publish_shared_idle_1", "publish, 1 idle subscriber"), 1));
  Result many = cost("publish_shared_idle_1024", "publish, 1024 idle subscribers");
  many.ratios.push_back(Ratio::to("publish_shared_idle_1", "ratio_to_idle_1"));
  many.target = Target::at_most("ratio_to_idle_1", kWithinFivePercent);
  cases.push_back(with_idle(std::move(many), 1024));
}

}  // namespace ron::bench::core
