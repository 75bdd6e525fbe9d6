// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `overflow`: four times what fits is published, and the one receive that must report
// exactly what was missed is timed.
#pragma once

#include "workloads/alone.hpp"

namespace ron::bench {

struct OverflowRequest {
  Conditions conditions;
  Shape shape;

  explicit OverflowRequest(Words& words) : conditions{take_conditions(words)} {
    constexpr std::size_t kCapacity = 64;
    shape.capacity = take_capacity(words, kCapacity);
    words.done();
  }
};

template <template <class, Loss> class S>
Metrics overflow(const OverflowRequest& request) {
  using System = S<Number, Loss::Lossy>;
  if (System::kAccounting != Accounting::ByReceiver) {
    throw Unsupported{"its receivers are not told what they missed"};
  }
  System system{request.shape};
  auto receiver = system.subscribe();
  auto sender = system.sender();
  Account<Loss::Lossy, 1> account;
  Stopwatch published;
  Stopwatch lagged;
  const std::uint64_t count = 4 * request.shape.capacity;
  Number next = 0;
  repeat(request.conditions, [&] {
    published.time(count, [&] {
      for (std::uint64_t i = 0; i < count; ++i) sender.send(++next);
    });
    Receipt receipt;
    lagged.time(1, [&] { receipt = receiver.try_receive(account); });
    check(receipt.told == Told::Missed, "a lagging subscriber is not told so");
    account.book(receipt);
    const std::uint64_t before = account.received();
    drain(receiver, account);
    check(account.received() - before + receipt.count == count,
          "the lag is not what was overwritten");
  });
  account.settle<System>(next, 0);
  return {{"ns_per_publish", published.nanoseconds_each()},
          {"ns_per_lagged", lagged.nanoseconds_each()}};
}

}  // namespace ron::bench
