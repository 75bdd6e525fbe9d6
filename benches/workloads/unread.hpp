// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Threads publish one by one, and subscribers do not read meanwhile.
#pragma once

#include <algorithm>
#include <thread>
#include <utility>

#include "workloads/all_at_once.hpp"

namespace ron::bench {

struct Unread {
  std::uint64_t published = 0;
  /// From the first publisher's begin to the last one's end.
  double seconds = 0;
};

/// With `slow`, the last subscriber receives a message each millisecond on a thread of its own.
/// Afterwards all drain and are checked.
template <template <class, Loss> class S>
Unread publish_unread(const Shape& shape, const Conditions& conditions, bool slow) {
  using System = S<Number, Loss::Lossy>;
  System system{shape};
  auto receivers = receivers_of(system, shape.subscribers);
  auto senders = senders_of(system, shape.publishers);
  std::vector<Account<Loss::Lossy, kAnyOwner>> accounts(shape.subscribers);
  std::vector<Padded> sent(shape.publishers);
  std::vector<Padded> begins(shape.publishers);
  std::vector<Padded> ends(shape.publishers);

  std::vector<Worker> workers;
  for (std::size_t i = 0; i < shape.publishers; ++i) {
    workers.emplace_back([&, i](const std::atomic<bool>& stop) {
      begins[i].value = now();
      sent[i].value = send_until(stop, senders[i], i);
      ends[i].value = now();
    });
  }
  if (slow) {
    workers.emplace_back([&](const std::atomic<bool>& stop) {
      auto& account = accounts.back();
      while (!stop.load(std::memory_order_relaxed)) {
        account.book(receivers.back().try_receive(account));
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
      }
    });
  }
  run_workers(std::move(workers), conditions);

  Unread unread;
  unread.published = total(sent);
  const Ticks begin = std::ranges::min(begins, {}, &Padded::value).value;
  const Ticks end = std::ranges::max(ends, {}, &Padded::value).value;
  unread.seconds = to_nanoseconds(end - begin) / 1e9;
  for (std::size_t i = 0; i < shape.subscribers; ++i) {
    drain(receivers[i], accounts[i]);
    accounts[i].template settle<System>(unread.published, dropped_for<System>(senders, i));
    check(accounts[i].received() > 0, "nothing was retained");
  }
  return unread;
}

[[nodiscard]] inline Metrics cost_of(const Unread& unread) {
  return {{"ns_per_publish", unread.seconds * 1e9 / static_cast<double>(unread.published)}};
}

}  // namespace ron::bench
