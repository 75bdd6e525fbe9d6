// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `gated`: all publish and receive as fast as they can, and nothing is lost.
#pragma once

#include <span>

#include "workloads/common.hpp"

namespace ron::bench {

struct GatedRequest {
  Conditions conditions;
  Shape shape;
  std::size_t batch;

  explicit GatedRequest(Words& words) : conditions{take_conditions(words)} {
    shape.publishers = words.number("publishers", 1, kMostThreads, 1);
    shape.subscribers = words.number("subscribers", 1, kMostThreads, 1);
    shape.capacity = take_capacity(words);
    batch = words.number("batch", 1, shape.capacity, 1);
    words.done();
  }
};

/// Returns how many were sent.
template <class Sender>
std::uint64_t send_until(const std::atomic<bool>& stop, Sender& sender, std::size_t owner,
                         std::size_t batch) {
  Number next = first_before(owner);
  if (batch == 1) {
    while (!stop.load(std::memory_order_relaxed)) {
      for (int i = 0; i < kStride; ++i) sender.send(++next);
    }
  } else {
    std::vector<Number> messages(batch);
    while (!stop.load(std::memory_order_relaxed)) {
      for (Number& message : messages) message = ++next;
      sender.send_many(messages);
    }
  }
  return next - first_before(owner);
}

template <class Receiver, Loss kLoss>
void receive_all_in_batches(Receiver& receiver, Account<kLoss>& account, std::size_t batch) {
  Account<kLoss> mine = account;
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
  using System = S<Number, Loss::Gated>;
  const auto [publishers, subscribers] =
      std::pair{request.shape.publishers, request.shape.subscribers};
  System system{request.shape};
  auto receivers = receivers_of(system, subscribers);
  auto senders = senders_of(system, publishers);
  std::vector<Account<Loss::Gated>> accounts(subscribers);
  std::vector<Padded> sent(publishers);

  std::vector<Worker> workers;
  for (std::size_t i = 0; i < publishers; ++i) {
    workers.emplace_back([&, i](const std::atomic<bool>& stop) {
      sent[i].value = send_until(stop, senders[i], i, request.batch);
      senders[i].finish();
    });
  }
  for (std::size_t i = 0; i < subscribers; ++i) {
    workers.emplace_back([&, i](const std::atomic<bool>&) {
      if (request.batch == 1) {
        receive_all(receivers[i], accounts[i]);
      } else {
        receive_all_in_batches(receivers[i], accounts[i], request.batch);
      }
    });
  }
  const double seconds = run_workers(std::move(workers), request.conditions);

  const std::uint64_t published = total(sent);
  std::uint64_t received = 0;
  for (std::size_t i = 0; i < subscribers; ++i) {
    check(accounts[i].closed(), "a subscriber ended before the system was closed");
    accounts[i].template settle<System>(published, 0);
    received += accounts[i].received();
  }
  return {{"publishes_per_s", per_second(published, seconds)},
          {"deliveries_per_s", per_second(received, seconds)}};
}

}  // namespace ron::bench
