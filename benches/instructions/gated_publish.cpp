// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Publishing that may lose nothing: the subscriber gates, and has read everything before each
// round.
#include <vector>

#include "harness/consume.hpp"
#include "instructions/paths.hpp"

namespace ron::bench::instructions {
namespace {

template <class Kind>
void count_try_publish(Counter& counter) {
  Scene<Kind> scene{{.gating = true}};
  counter.count(
      named<Kind>("try_publish_gated"), kCapacity, 1, [&] { scene.drain(); },
      [&](std::uint64_t iterations) {
        for (std::uint64_t i = 0; i < iterations; ++i) {
          consume(scene.publisher.try_publish(Kind::message(i)).has_value());
        }
      });
  scene.check_published(kCalls * kCapacity);
}

template <class Kind>
void count_publish_wait(Counter& counter) {
  Scene<Kind> scene{{.gating = true}};
  counter.count(
      named<Kind>("publish_wait_gated"), kCapacity, 1, [&] { scene.drain(); },
      [&](std::uint64_t iterations) {
        for (std::uint64_t i = 0; i < iterations; ++i) {
          consume(scene.publisher.publish_wait(Kind::message(i)).has_value());
        }
      });
  scene.check_published(kCalls * kCapacity);
}

template <class Kind>
void count_try_publish_many(Counter& counter) {
  Scene<Kind> scene{{.gating = true}};
  const std::vector<typename Kind::Message> batch(kBatch, Kind::message(1));
  counter.count(
      named<Kind>("try_publish_many_64_gated"), kCapacity / kBatch, kBatch, [&] { scene.drain(); },
      [&](std::uint64_t iterations) {
        for (std::uint64_t i = 0; i < iterations; ++i) {
          consume(scene.publisher.try_publish_many(batch).has_value());
        }
      });
  scene.check_published(kCalls * kCapacity);
}

}  // namespace

void count_gated_publish(Counter& counter) {
  count_try_publish<Single>(counter);
  count_try_publish<Shared>(counter);
  count_publish_wait<Single>(counter);
  count_publish_wait<Shared>(counter);
  count_try_publish_many<Single>(counter);
  count_try_publish_many<Shared>(counter);
}

}  // namespace ron::bench::instructions
