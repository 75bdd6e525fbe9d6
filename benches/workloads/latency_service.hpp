// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `latency_service`: one thread fills the ring, then drains it one by one, which is timed.
#pragma once

#include "workloads/alone.hpp"

namespace ron::bench {

struct LatencyServiceRequest {
  Conditions conditions;
  Shape shape;

  explicit LatencyServiceRequest(Words& words) : conditions{take_conditions(words)} {
    shape.capacity = take_capacity(words);
    words.done();
  }
};

template <template <class, Loss> class S>
Metrics latency_service(const LatencyServiceRequest& request) {
  using System = S<Number, Loss::Lossy>;
  System system{request.shape};
  auto receiver = system.subscribe();
  auto sender = system.sender();
  Account<Loss::Lossy, 1> account;
  Stopwatch drained;
  Number next = 0;
  repeat(request.conditions, [&] {
    for (std::size_t i = 0; i < request.shape.capacity; ++i) sender.send(++next);
    // The last receive, which finds nothing, is in the time of `capacity` others.
    const std::uint64_t before = account.received();
    Stopwatch turn = drained;
    turn.time(request.shape.capacity, [&] { drain(receiver, account); });
    const bool full = account.received() - before == request.shape.capacity;
    check(full || System::kAccounting == Accounting::Nobody, "a full ring did not hold all");
    if (full) drained = turn;
  });
  account.settle<System>(next, dropped_for<System>(sender, 0));
  return {{"ns_per_receive", drained.nanoseconds_each()}};
}

}  // namespace ron::bench
