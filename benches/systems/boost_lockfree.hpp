// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Boost.Lockfree as a fan-out: its wait-free queue of one producer, or its fixed-size queue of
// several. Neither can wait, so both sides spin and then yield.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

#include "systems/fan_out.hpp"
#include "systems/pause.hpp"
#include "systems/system.hpp"

namespace ron::bench {

/// What the two have in common: waiting by trying.
template <class Derived, class T>
struct BoostConsumer {
  template <class Handler>
  [[gnu::always_inline]] void pop(Handler&& handler) {
    for (Pause pause; !static_cast<Derived&>(*this).try_pop(handler);) pause();
  }
};

template <class T>
class BoostSpsc {
 public:
  static constexpr bool kSleeps = false;
  static constexpr bool kHeapIsSeen = true;

  BoostSpsc(std::size_t capacity, std::size_t /*producers*/) : queue_{capacity} {}

  class Producer {
   public:
    Producer(BoostSpsc& queue, std::size_t /*index*/) : queue_{&queue.queue_} {}

    [[gnu::always_inline]] bool try_push(const T& message) { return queue_->push(message); }
    [[gnu::always_inline]] void push(const T& message) {
      for (Pause pause; !queue_->push(message);) pause();
    }
    std::size_t try_push_many(std::span<const T> messages) {
      return queue_->push(messages.data(), messages.size());
    }
    void push_many(std::span<const T> messages) {
      for (Pause pause;;) {
        messages = messages.subspan(try_push_many(messages));
        if (messages.empty()) return;
        pause();
      }
    }

   private:
    boost::lockfree::spsc_queue<T>* queue_;
  };

  class Consumer : public BoostConsumer<Consumer, T> {
   public:
    explicit Consumer(BoostSpsc& queue) : queue_{&queue.queue_} {}

    template <class Handler>
    [[gnu::always_inline]] bool try_pop(Handler&& handler) {
      return queue_->consume_one(handler);
    }
    std::size_t pop_many(std::span<T> out) {
      for (Pause pause;; pause()) {
        if (const std::size_t count = queue_->pop(out.data(), out.size())) return count;
      }
    }

   private:
    boost::lockfree::spsc_queue<T>* queue_;
  };

 private:
  boost::lockfree::spsc_queue<T> queue_;
};

template <class T>
class BoostMpmc {
 public:
  static constexpr bool kSleeps = false;
  static constexpr bool kHeapIsSeen = true;

  BoostMpmc(std::size_t capacity, std::size_t /*producers*/) : queue_{checked(capacity)} {}

  class Producer {
   public:
    Producer(BoostMpmc& queue, std::size_t /*index*/) : queue_{&queue.queue_} {}

    [[gnu::always_inline]] bool try_push(const T& message) { return queue_->bounded_push(message); }
    [[gnu::always_inline]] void push(const T& message) {
      for (Pause pause; !queue_->bounded_push(message);) pause();
    }
    std::size_t try_push_many(std::span<const T> messages) {
      std::size_t count = 0;
      while (count < messages.size() && try_push(messages[count])) ++count;
      return count;
    }
    void push_many(std::span<const T> messages) {
      for (const T& message : messages) push(message);
    }

   private:
    boost::lockfree::queue<T, boost::lockfree::fixed_sized<true>>* queue_;
  };

  class Consumer : public BoostConsumer<Consumer, T> {
   public:
    explicit Consumer(BoostMpmc& queue) : queue_{&queue.queue_} {}

    template <class Handler>
    [[gnu::always_inline]] bool try_pop(Handler&& handler) {
      return queue_->consume_one(handler);
    }
    std::size_t pop_many(std::span<T> out) {
      std::size_t count = 0;
      this->pop([&](const T& message) { out[count++] = message; });
      while (count < out.size() && queue_->pop(out[count])) ++count;
      return count;
    }

   private:
    boost::lockfree::queue<T, boost::lockfree::fixed_sized<true>>* queue_;
  };

 private:
  static std::size_t checked(std::size_t capacity) {
    constexpr std::size_t kMost = 65534;
    if (capacity > kMost) throw Unsupported{"a fixed-size queue holds at most 65534 messages"};
    return capacity;
  }

  boost::lockfree::queue<T, boost::lockfree::fixed_sized<true>> queue_;
};

template <class T, Loss kLoss>
using BoostOneSender = FanOut<T, kLoss, BoostSpsc>;
template <class T, Loss kLoss>
using BoostManySenders = FanOut<T, kLoss, BoostMpmc>;

}  // namespace ron::bench
