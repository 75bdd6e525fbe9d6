// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Receiving by a subscriber that gates, and so tells publishers where it stands.
#include "instructions/receiving.hpp"

namespace ron::bench::instructions {
namespace {

template <class Kind>
void count_all(Counter& counter) {
  count_try_recv<Kind>(counter, "try_recv_gated", {.gating = true});
  count_recv<Kind>(counter, "recv_gated", {.gating = true});
  count_recv_many<Kind>(counter, "recv_many_64_gated", {.gating = true});
}

}  // namespace

void count_gated_receive(Counter& counter) {
  count_all<Single>(counter);
  count_all<Shared>(counter);
  count_all<Event>(counter);
}

}  // namespace ron::bench::instructions
