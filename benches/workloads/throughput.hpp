// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `throughput`: one thread publishes one by one, and subscribers do not read meanwhile,
// but for a slow one that may take a message each millisecond.
#pragma once

#include "workloads/unread.hpp"

namespace ron::bench {

struct ThroughputRequest {
  Conditions conditions;
  Shape shape;
  bool slow;

  explicit ThroughputRequest(Words& words) : conditions{take_conditions(words)} {
    shape.subscribers = words.number("subscribers", 0, kMostIdle, 1);
    slow = words.flag("slow");
    shape.subscribers += slow ? 1 : 0;
    shape.capacity = take_capacity(words);
    words.done();
  }
};

template <template <class, Loss> class S>
Metrics throughput(const ThroughputRequest& request) {
  return cost_of(publish_unread<S>(request.shape, request.conditions, request.slow));
}

}  // namespace ron::bench
