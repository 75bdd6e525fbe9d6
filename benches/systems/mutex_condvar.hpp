// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "systems/finishers.hpp"
#include "systems/system.hpp"

namespace ron::bench {

/// The broadcast that people write by hand: one mutex, condition variables, a ring of values that
/// overwrites the oldest, and a cursor for each subscriber.
template <class T, Loss kLoss>
class MutexCondvar {
  struct Leave {
    MutexCondvar* system;
    void operator()(std::uint64_t* cursor) const {
      const std::lock_guard lock{system->mutex_};
      std::erase(system->cursors_, cursor);
      delete cursor;
    }
  };

 public:
  static constexpr Accounting kAccounting = Accounting::ByReceiver;
  static constexpr bool kSubscribesAnyTime = true;
  static constexpr bool kSleeps = true;
  static constexpr bool kFlushes = false;
  static constexpr bool kModes = false;
  static constexpr bool kHeapIsSeen = true;

  explicit MutexCondvar(const Shape& shape) : ring_(shape.capacity), finishers_{shape.publishers} {}

  class Sender {
   public:
    void send(const T& message) { send_many({&message, 1}); }
    void send_many(std::span<const T> messages) {
      if constexpr (kLoss == Loss::Gated) {
        while (!messages.empty()) messages = messages.subspan(system_->put_what_fits(messages));
      } else {
        system_->put(messages);
      }
    }
    void finish() {
      if (system_->finishers_.arrive()) system_->close();
    }

   private:
    friend class MutexCondvar;
    explicit Sender(MutexCondvar& system) : system_{&system} {}

    MutexCondvar* system_;
  };

  class Receiver {
   public:
    template <class Sink>
    Receipt try_receive(Sink&& sink) {
      T message{};
      const Receipt receipt = system_->template take<false>(*cursor_, {&message, 1});
      if (receipt.told == Told::Messages) sink(message);
      return receipt;
    }
    template <class Sink>
    Receipt receive(Sink&& sink) {
      T message{};
      const Receipt receipt = system_->template take<true>(*cursor_, {&message, 1});
      if (receipt.told == Told::Messages) sink(message);
      return receipt;
    }
    Receipt receive_many(std::span<T> out) { return system_->template take<true>(*cursor_, out); }

   private:
    friend class MutexCondvar;
    explicit Receiver(MutexCondvar& system) : system_{&system}, cursor_{system.join()} {}

    MutexCondvar* system_;
    std::unique_ptr<std::uint64_t, Leave> cursor_;
  };

  [[nodiscard]] Sender sender() { return Sender{*this}; }
  [[nodiscard]] Receiver subscribe() { return Receiver{*this}; }

 private:
  std::unique_ptr<std::uint64_t, Leave> join() {
    const std::lock_guard lock{mutex_};
    std::unique_ptr<std::uint64_t, Leave> cursor{new std::uint64_t{tail_}, Leave{this}};
    cursors_.push_back(cursor.get());
    return cursor;
  }

  void put(std::span<const T> messages) {
    {
      const std::lock_guard lock{mutex_};
      for (const T& message : messages) ring_[tail_++ % ring_.size()] = message;
    }
    readable_.notify_all();
  }

  /// Waits for room; returns how many it put there.
  std::size_t put_what_fits(std::span<const T> messages) {
    std::size_t count = 0;
    {
      std::unique_lock lock{mutex_};
      if (room() == 0) writable_.wait(lock, [this] { return room() > 0; });
      count = std::min(room(), messages.size());
      for (const T& message : messages.first(count)) ring_[tail_++ % ring_.size()] = message;
    }
    readable_.notify_all();
    return count;
  }

  /// How far the slowest lets publishers go. Looks for the slowest only if the last one known is
  /// in the way.
  std::size_t room() {
    if (tail_ - slowest_ >= ring_.size()) {
      slowest_ = tail_;
      for (const std::uint64_t* cursor : cursors_) slowest_ = std::min(slowest_, *cursor);
    }
    return ring_.size() - (tail_ - slowest_);
  }

  template <bool kWaits>
  Receipt take(std::uint64_t& cursor, std::span<T> out) {
    std::size_t count = 0;
    {
      std::unique_lock lock{mutex_};
      if constexpr (kWaits) {
        readable_.wait(lock, [&] { return cursor != tail_ || closed_; });
      }
      if (cursor == tail_) return {closed_ ? Told::Closed : Told::Nothing, 0};
      if (tail_ - cursor > ring_.size()) {
        const std::uint64_t missed = tail_ - ring_.size() - cursor;
        cursor += missed;
        return {Told::Missed, missed};
      }
      count = std::min<std::size_t>(tail_ - cursor, out.size());
      for (T& message : out.first(count)) message = ring_[cursor++ % ring_.size()];
    }
    if constexpr (kLoss == Loss::Gated) writable_.notify_all();
    return {Told::Messages, count};
  }

  void close() {
    {
      const std::lock_guard lock{mutex_};
      closed_ = true;
    }
    readable_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable readable_;
  std::condition_variable writable_;
  std::vector<T> ring_;
  std::vector<std::uint64_t*> cursors_;
  std::uint64_t tail_ = 0;
  std::uint64_t slowest_ = 0;
  bool closed_ = false;
  Finishers finishers_;
};

}  // namespace ron::bench
