// SPDX-License-Identifier: MIT OR Apache-2.0
//
// oneTBB's bounded queue as a fan-out.
#pragma once

#include <cstddef>
#include <span>

#include <tbb/concurrent_queue.h>

#include "systems/fan_out.hpp"

namespace ron::bench {

template <class T>
class TbbQueue {
 public:
  static constexpr bool kSleeps = true;
  /// oneTBB takes memory from an allocator of its own, behind malloc's back.
  static constexpr bool kHeapIsSeen = false;

  TbbQueue(std::size_t capacity, std::size_t /*producers*/) {
    queue_.set_capacity(static_cast<std::ptrdiff_t>(capacity));
  }

  class Producer {
   public:
    Producer(TbbQueue& queue, std::size_t /*index*/) : queue_{&queue.queue_} {}

    [[gnu::always_inline]] bool try_push(const T& message) { return queue_->try_push(message); }
    [[gnu::always_inline]] void push(const T& message) { queue_->push(message); }
    std::size_t try_push_many(std::span<const T> messages) {
      std::size_t count = 0;
      while (count < messages.size() && queue_->try_push(messages[count])) ++count;
      return count;
    }
    void push_many(std::span<const T> messages) {
      for (const T& message : messages) queue_->push(message);
    }

   private:
    tbb::concurrent_bounded_queue<T>* queue_;
  };

  class Consumer {
   public:
    explicit Consumer(TbbQueue& queue) : queue_{&queue.queue_} {}

    template <class Handler>
    [[gnu::always_inline]] bool try_pop(Handler&& handler) {
      T message{};
      const bool there = queue_->try_pop(message);
      if (there) handler(message);
      return there;
    }
    template <class Handler>
    [[gnu::always_inline]] void pop(Handler&& handler) {
      T message{};
      queue_->pop(message);
      handler(message);
    }
    std::size_t pop_many(std::span<T> out) {
      queue_->pop(out.front());
      std::size_t count = 1;
      while (count < out.size() && queue_->try_pop(out[count])) ++count;
      return count;
    }

   private:
    tbb::concurrent_bounded_queue<T>* queue_;
  };

 private:
  tbb::concurrent_bounded_queue<T> queue_;
};

template <class T, Loss kLoss>
using TbbQueues = FanOut<T, kLoss, TbbQueue>;

}  // namespace ron::bench
