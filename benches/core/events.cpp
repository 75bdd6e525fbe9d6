// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Messages with strings in them, of which ConfigUpdated uses none.
#include "ronbus/event.hpp"

#include "core/publishing.hpp"
#include "core/receiving.hpp"

namespace ron::bench::core {
namespace {

Bus<KernelEvent> events() { return build<KernelEvent>(BusBuilder{}.cap(kEventCapacity)); }

auto by_emplace(const Bus<KernelEvent>& bus) {
  return [publisher = publisher_of(bus)](std::uint64_t first, std::uint64_t count) mutable {
    for (std::uint64_t i = 0; i < count; ++i) {
      consume(publisher.emplace(std::in_place_type<ConfigUpdated>, first + i));
    }
  };
}

template <class Way>
Case publish_events(Result result, const Way& way) {
  auto bus = events();
  auto idle = idle_subscribers(bus, 1);
  auto publish = way(bus);
  return publishing(std::move(result), std::move(bus), std::move(idle), std::move(publish));
}

}  // namespace

void add_events(std::vector<Case>& cases) {
  cases.push_back(
      publish_events(cost("publish_event", "publish of a ConfigUpdated as KernelEvent", 2.2),
                     [](const Bus<KernelEvent>& bus) { return by_publish(bus); }));
  cases.push_back(publish_events(
      cost("emplace_event", "emplace of a ConfigUpdated, constructed in its node"), by_emplace));
  cases.push_back(
      receiving(cost("visit_event", "try_visit, read in place", 0.5), events(), ByVisit{}));
  cases.push_back(
      receiving(cost("try_recv_event", "try_recv, copied out", 0.7), events(), ByTryRecv{}));
}

}  // namespace ron::bench::core
