// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Publishing to a subscriber that does not read.
#include <vector>

#include "harness/consume.hpp"
#include "instructions/paths.hpp"

namespace ron::bench::instructions {
namespace {

template <class Kind>
void count_publish(Counter& counter) {
  Scene<Kind> scene;
  counter.count(named<Kind>("publish"), kCapacity, 1, [&](std::uint64_t iterations) {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      consume(scene.publisher.publish(Kind::message(i)));
    }
  });
  scene.check_published(kCalls * kCapacity);
}

template <class Kind>
void count_bus_publish(Counter& counter) {
  auto bus = core::build<typename Kind::Message>(Kind::builder());
  auto idle = bus.subscribe();
  counter.count(named<Kind>("bus_publish"), kCapacity, 1, [&](std::uint64_t iterations) {
    for (std::uint64_t i = 0; i < iterations; ++i) consume(bus.publish(Kind::message(i)));
  });
  check(bus.published() == kCalls * kCapacity, "publishes are missing");
}

template <class Kind>
void count_try_publish(Counter& counter) {
  Scene<Kind> scene;
  counter.count(named<Kind>("try_publish"), kCapacity, 1, [&](std::uint64_t iterations) {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      consume(scene.publisher.try_publish(Kind::message(i)).has_value());
    }
  });
  scene.check_published(kCalls * kCapacity);
}

template <class Kind>
void count_publish_many(Counter& counter) {
  Scene<Kind> scene;
  const std::vector<typename Kind::Message> batch(kBatch, Kind::message(1));
  counter.count(named<Kind>("publish_many_64"), kCapacity / kBatch, kBatch,
                [&](std::uint64_t iterations) {
                  for (std::uint64_t i = 0; i < iterations; ++i) {
                    consume(scene.publisher.publish_many(batch));
                  }
                });
  scene.check_published(kCalls * kCapacity);
}

}  // namespace

void count_publish(Counter& counter) {
  count_publish<Single>(counter);
  count_publish<Shared>(counter);
  count_publish<Event>(counter);
  count_publish<Bytes>(counter);
  count_bus_publish<Single>(counter);
  count_bus_publish<Shared>(counter);
  count_try_publish<Single>(counter);
  count_try_publish<Shared>(counter);
  count_try_publish<Event>(counter);
  count_publish_many<Single>(counter);
  count_publish_many<Shared>(counter);
  count_publish_many<Event>(counter);
}

}  // namespace ron::bench::instructions
