// SPDX-License-Identifier: MIT OR Apache-2.0
//
// moodycamel's blocking queue as a fan-out, with tokens and bulk operations. It is bounded by
// allocating its blocks beforehand and none afterwards (the try_ functions).
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <concurrentqueue/blockingconcurrentqueue.h>

#include "systems/fan_out.hpp"
#include "systems/pause.hpp"

namespace ron::bench {

template <class T>
class ConcurrentQueue {
  using Queue = moodycamel::BlockingConcurrentQueue<T>;

 public:
  static constexpr bool kSleeps = true;
  static constexpr bool kHeapIsSeen = true;

  ConcurrentQueue(std::size_t capacity, std::size_t producers)
      : share_{blocks_each(capacity, producers) * kBlock}, queue_{producers * share_} {
    tokens_.reserve(producers);
    for (std::size_t i = 0; i < producers; ++i) tokens_.emplace_back(queue_);
    if (producers > 1 || share_ > kIndexed) use_all_blocks();
  }

  class Producer {
   public:
    Producer(ConcurrentQueue& queue, std::size_t index)
        : queue_{&queue.queue_}, token_{&queue.tokens_[index]}, most_{queue.share_} {}

    [[gnu::always_inline]] bool try_push(const T& message) {
      return queue_->try_enqueue(*token_, message);
    }
    [[gnu::always_inline]] void push(const T& message) {
      for (Pause pause; !try_push(message);) pause();
    }
    /// All at once if there is room, else one by one.
    std::size_t try_push_many(std::span<const T> messages) {
      if (queue_->try_enqueue_bulk(*token_, messages.begin(), messages.size())) {
        return messages.size();
      }
      std::size_t count = 0;
      while (count < messages.size() && try_push(messages[count])) ++count;
      return count;
    }
    void push_many(std::span<const T> messages) {
      while (!messages.empty()) {
        const auto part = messages.first(std::min(messages.size(), most_));
        for (Pause pause; !queue_->try_enqueue_bulk(*token_, part.begin(), part.size());) pause();
        messages = messages.subspan(part.size());
      }
    }

   private:
    Queue* queue_;
    moodycamel::ProducerToken* token_;
    std::size_t most_;
  };

  class Consumer {
   public:
    explicit Consumer(ConcurrentQueue& queue) : queue_{&queue.queue_}, token_{queue.queue_} {}

    template <class Handler>
    [[gnu::always_inline]] bool try_pop(Handler&& handler) {
      T message{};
      const bool there = queue_->try_dequeue(token_, message);
      if (there) handler(message);
      return there;
    }
    template <class Handler>
    [[gnu::always_inline]] void pop(Handler&& handler) {
      T message{};
      queue_->wait_dequeue(token_, message);
      handler(message);
    }
    std::size_t pop_many(std::span<T> out) {
      return queue_->wait_dequeue_bulk(token_, out.begin(), out.size());
    }

   private:
    Queue* queue_;
    moodycamel::ConsumerToken token_;
  };

 private:
  static constexpr std::size_t kBlock = Queue::BLOCK_SIZE;

  static std::size_t blocks_each(std::size_t capacity, std::size_t producers) {
    const std::size_t share = (capacity + producers - 1) / producers;
    // A block that is half read cannot be written to, so one alone would alternate with the reader.
    return std::max<std::size_t>((share + kBlock - 1) / kBlock, producers > 1 ? 2 : 1);
  }

  /// How many messages a producer can keep track of without asking for memory.
  static constexpr std::size_t kIndexed =
      kBlock * moodycamel::ConcurrentQueueDefaultTraits::EXPLICIT_INITIAL_INDEX_SIZE;

  /// A producer keeps the blocks that it has used, so without this the first might take all; and it
  /// keeps the room that it needs to keep track of them.
  void use_all_blocks() {
    const std::vector<T> filling(share_);
    for (auto& token : tokens_) {
      check(queue_.enqueue_bulk(token, filling.begin(), filling.size()), "no room for a share");
    }
    T message{};
    while (queue_.try_dequeue(message)) {
    }
  }

  std::size_t share_;
  Queue queue_;
  std::vector<moodycamel::ProducerToken> tokens_;
};

template <class T, Loss kLoss>
using ConcurrentQueues = FanOut<T, kLoss, ConcurrentQueue>;

}  // namespace ron::bench
