// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `gated`: all publish and receive as fast as they can, and nothing is lost.
#pragma once

#include <span>

#include "workloads/all_at_once.hpp"

namespace ron::bench {

struct GatedRequest {
  Conditions conditions;
  Shape shape;
  std::size_t batch;

  GatedRequest(const Conditions& conditions_, const Shape& shape_, std::size_t batch_)
      : conditions{conditions_}, shape{shape_}, batch{batch_} {}
  explicit GatedRequest(Words& words) : conditions{take_conditions(words)} {
    shape.publishers = words.number("publishers", 1, kMostThreads, 1);
    shape.subscribers = words.number("subscribers", 1, kMostThreads, 1);
    shape.capacity = take_capacity(words);
    batch = words.number("batch", 1, shape.capacity, 1);
    words.done();
  }
};

template <class Sender>
std::uint64_t send_batches_until(const std::atomic<bool>& stop, Sender& sender, std::size_t owner,
                                 std::size_t batch) {
  std::vector<Number> messages(batch);
  Number next = first_before(owner);
  do {
    for (Number& message : messages) message = ++next;
    sender.send_many(messages);
  } while (!stop.load(std::memory_order_relaxed));
  return next - first_before(owner);
}

template <class Receiver, class Account>
void receive_batches(Receiver& receiver, Account& account, std::size_t batch) {
  Account mine = account;
  std::vector<Number> messages(batch);
  for (;;) {
    const Receipt receipt = receiver.receive_many(messages);
    if (receipt.told == Told::Messages) [[likely]] {
      for (const Number message : std::span{messages}.first(receipt.count)) mine(message);
    } else if (!mine.book(receipt)) {
      break;
    }
  }
  account = mine;
}

template <template <class, Loss> class S>
Metrics gated(const GatedRequest& request) {
  if (request.batch == 1) {
    return rates_of(all_at_once<S, Loss::Gated>(
        request.shape, request.conditions,
        [](const auto& stop, auto& sender, std::size_t owner) {
          return send_until(stop, sender, owner);
        },
        [](auto& receiver, auto& account) { receive_all(receiver, account); }));
  }
  return rates_of(all_at_once<S, Loss::Gated>(
      request.shape, request.conditions,
      [&](const auto& stop, auto& sender, std::size_t owner) {
        return send_batches_until(stop, sender, owner, request.batch);
      },
      [&](auto& receiver, auto& account) { receive_batches(receiver, account, request.batch); }));
}

}  // namespace ron::bench
