// SPDX-License-Identifier: MIT OR Apache-2.0
//
// All publish and receive at the same time, each on a thread of its own, until publishers are told
// to stop and receivers have found the end.
#pragma once

#include <utility>

#include "workloads/common.hpp"

namespace ron::bench {

struct Exchanged {
  std::uint64_t published = 0;
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  double seconds = 0;
};

/// `publish(stop, sender, owner)` publishes until `stop` and returns how many messages that was;
/// `receive(receiver, account)` receives until it is told that there is no more.
template <template <class, Loss> class S, Loss kLoss, std::size_t kOwners, class Publish,
          class Receive>
Exchanged all_at_once_of(const Shape& shape, const Conditions& conditions, const Publish& publish,
                         const Receive& receive) {
  using System = S<Number, kLoss>;
  System system{shape};
  auto receivers = receivers_of(system, shape.subscribers);
  auto senders = senders_of(system, shape.publishers);
  std::vector<Account<kLoss, kOwners>> accounts(shape.subscribers);
  std::vector<Padded> sent(shape.publishers);

  std::vector<Worker> workers;
  for (std::size_t i = 0; i < shape.publishers; ++i) {
    workers.emplace_back([&, i](const std::atomic<bool>& stop) {
      sent[i].value = publish(stop, senders[i], i);
      senders[i].finish();
    });
  }
  for (std::size_t i = 0; i < shape.subscribers; ++i) {
    workers.emplace_back([&, i](const std::atomic<bool>&) { receive(receivers[i], accounts[i]); });
  }
  Exchanged exchanged;
  exchanged.seconds = run_workers(std::move(workers), conditions);
  exchanged.published = total(sent);
  for (std::size_t i = 0; i < shape.subscribers; ++i) {
    check(accounts[i].closed(), "a subscriber ended before the system was closed");
    accounts[i].template settle<System>(exchanged.published, dropped_for<System>(senders, i));
    exchanged.received += accounts[i].received();
    exchanged.missed += accounts[i].missed();
  }
  return exchanged;
}

template <template <class, Loss> class S, Loss kLoss, class Publish, class Receive>
Exchanged all_at_once(const Shape& shape, const Conditions& conditions, const Publish& publish,
                      const Receive& receive) {
  return shape.publishers == 1
             ? all_at_once_of<S, kLoss, 1>(shape, conditions, publish, receive)
             : all_at_once_of<S, kLoss, kAnyOwner>(shape, conditions, publish, receive);
}

/// One by one, at least for a while. Returns how many were sent.
template <class Sender>
std::uint64_t send_until(const std::atomic<bool>& stop, Sender& sender, std::size_t owner) {
  Number next = first_before(owner);
  do {
    for (int i = 0; i < kStride; ++i) sender.send(++next);
  } while (!stop.load(std::memory_order_relaxed));
  return next - first_before(owner);
}

[[nodiscard]] inline Metrics rates_of(const Exchanged& exchanged) {
  return {{"publishes_per_s", per_second(exchanged.published, exchanged.seconds)},
          {"deliveries_per_s", per_second(exchanged.received, exchanged.seconds)}};
}
[[nodiscard]] inline Metrics lossy_rates_of(const Exchanged& exchanged) {
  Metrics metrics = rates_of(exchanged);
  metrics.emplace_back("lost_share",
                       share(exchanged.missed, exchanged.received + exchanged.missed));
  return metrics;
}

}  // namespace ron::bench
