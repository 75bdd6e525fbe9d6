// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Receiving: a message that is there, in every way, and finding nothing.
#include "instructions/receiving.hpp"

namespace ron::bench::instructions {
namespace {

template <class Kind>
void count_all(Counter& counter) {
  count_try_recv<Kind>(counter, "try_recv", {});
  count_recv<Kind>(counter, "recv", {});
  count_recv_many<Kind>(counter, "recv_many_64", {});
  count_visit<Kind>(counter, "visit", {});
}

/// What a reader that polls does most of the time.
template <class Kind>
void count_nothing(Counter& counter) {
  Scene<Kind> scene;
  counter.count(named<Kind>("try_recv_nothing"), kCapacity, 1, [&](std::uint64_t iterations) {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      consume(scene.subscriber.try_recv().has_value());
    }
  });
  scene.check_received(0);
}

}  // namespace

void count_receive(Counter& counter) {
  count_all<Single>(counter);
  count_all<Shared>(counter);
  count_all<Event>(counter);
  count_all<Bytes>(counter);
  count_nothing<Single>(counter);
  count_nothing<Shared>(counter);
}

}  // namespace ron::bench::instructions
