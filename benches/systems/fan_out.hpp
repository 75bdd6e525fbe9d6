// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A broadcast made of queues: one bounded queue for each subscriber, and a sender that puts the
// message into each. A queue offers
//
//   Queue<T> queue{capacity, producers};    Queue::kSleeps, Queue::kHeapIsSeen as of a system
//   Producer{queue, index}:  try_push(message), push(message), try_push_many(messages),
//                            push_many(messages); the try_ ones tell whether it was done, or how
//                            many from the front were
//   Consumer{queue}:         try_pop(handler), pop(handler), pop_many(messages); pop waits
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "systems/finishers.hpp"
#include "systems/system.hpp"

namespace ron::bench {

template <class T, Loss kLoss, template <class> class Queue>
class FanOut {
  using Producer = typename Queue<T>::Producer;
  using Consumer = typename Queue<T>::Consumer;

 public:
  static constexpr Accounting kAccounting = Accounting::BySender;
  static constexpr bool kSubscribesAnyTime = false;
  static constexpr bool kSleeps = Queue<T>::kSleeps;
  static constexpr bool kFlushes = false;
  static constexpr bool kModes = false;
  static constexpr bool kHeapIsSeen = Queue<T>::kHeapIsSeen;

  explicit FanOut(const Shape& shape) : finishers_{shape.publishers} {
    queues_.reserve(shape.subscribers);
    for (std::size_t i = 0; i < shape.subscribers; ++i) {
      queues_.push_back(std::make_unique<Queue<T>>(shape.capacity, shape.publishers));
    }
  }

  class Sender {
   public:
    [[gnu::always_inline]] void send(const T& message) {
      for (Outlet& outlet : outlets_) {
        if constexpr (kLoss == Loss::Gated) {
          outlet.producer.push(message);
        } else {
          if (!outlet.producer.try_push(message)) ++outlet.dropped;
        }
      }
    }
    [[gnu::always_inline]] void send_many(std::span<const T> messages) {
      for (Outlet& outlet : outlets_) {
        if constexpr (kLoss == Loss::Gated) {
          outlet.producer.push_many(messages);
        } else {
          outlet.dropped += messages.size() - outlet.producer.try_push_many(messages);
        }
      }
    }
    void finish() {
      if (!system_->finishers_.arrive()) return;
      system_->ending_.store(true, std::memory_order_release);
      if constexpr (kEnds) {
        for (Outlet& outlet : outlets_) outlet.producer.push(kEnd);
      }
    }

    [[nodiscard]] std::uint64_t dropped(std::size_t subscriber) const {
      return outlets_[subscriber].dropped;
    }

   private:
    friend class FanOut;
    struct Outlet {
      Producer producer;
      std::uint64_t dropped = 0;
    };

    Sender(FanOut& system, std::size_t index) : system_{&system} {
      outlets_.reserve(system.queues_.size());
      for (const auto& queue : system.queues_) outlets_.push_back({Producer{*queue, index}});
    }

    FanOut* system_;
    std::vector<Outlet> outlets_;
  };

  class Receiver {
   public:
    template <class Sink>
    [[gnu::always_inline]] Receipt try_receive(Sink&& sink) {
      if (ended_) [[unlikely]]
        return receive_rest(sink);
      const bool there = consumer_.try_pop([&](T& message) { deliver(message, sink); });
      if (ended_) [[unlikely]]
        return receive_rest(sink);
      if (!there) return {Told::Nothing, 0};
      return {Told::Messages, 1};
    }
    template <class Sink>
    [[gnu::always_inline]] Receipt receive(Sink&& sink) {
      if (ended_) [[unlikely]]
        return receive_rest(sink);
      consumer_.pop([&](T& message) { deliver(message, sink); });
      if (ended_) [[unlikely]]
        return receive_rest(sink);
      return {Told::Messages, 1};
    }
    [[gnu::always_inline]] Receipt receive_many(std::span<T> out) {
      if (ended_) [[unlikely]]
        return receive_rest([&](const T& message) { out.front() = message; });
      std::size_t count = consumer_.pop_many(out);
      if (system_->ending_.load(std::memory_order_acquire)) [[unlikely]] {
        count = without_end(out.first(count));
        if (count == 0) return receive_rest([&](const T& message) { out.front() = message; });
      }
      return {Told::Messages, count};
    }

   private:
    friend class FanOut;
    Receiver(FanOut& system, Queue<T>& queue) : system_{&system}, consumer_{queue} {}

    template <class Sink>
    [[gnu::always_inline]] void deliver(T& message, Sink& sink) {
      if constexpr (kEnds) {
        if (message == kEnd) [[unlikely]] {
          ended_ = true;
          return;
        }
      }
      sink(message);
    }
    /// The end was sent when all senders had finished, but a queue with several producers may hand
    /// it out before what others put there.
    template <class Sink>
    [[gnu::noinline]] Receipt receive_rest(Sink&& sink) {
      if (consumer_.try_pop([&](T& message) { sink(message); })) return {Told::Messages, 1};
      return {Told::Closed, 0};
    }
    /// How many messages are left at the front.
    [[gnu::noinline]] std::size_t without_end(std::span<T> messages) {
      if constexpr (kEnds) {
        const auto rest = std::ranges::remove(messages, kEnd);
        ended_ = !rest.empty();
        return messages.size() - rest.size();
      }
      return messages.size();
    }

    FanOut* system_;
    Consumer consumer_;
    bool ended_ = false;
  };

  [[nodiscard]] Sender sender() { return Sender{*this, senders_++}; }
  [[nodiscard]] Receiver subscribe() {
    check(receivers_ < queues_.size(), "a fan-out has as many subscribers as it was made for");
    return Receiver{*this, *queues_[receivers_++]};
  }

 private:
  /// Wakes receivers at the end. Only numbers have a value to spare, and only runs with numbers
  /// have an end.
  static constexpr bool kEnds = std::is_same_v<T, Number>;
  static constexpr Number kEnd = std::numeric_limits<Number>::max();

  std::vector<std::unique_ptr<Queue<T>>> queues_;
  Finishers finishers_;
  std::atomic<bool> ending_{false};
  std::size_t senders_ = 0;
  std::size_t receivers_ = 0;
};

}  // namespace ron::bench
