// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The floors of one thread sending to one other, as systems: so that they are measured by the very
// code that measures a bus.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "ronbus/sync/cache_line.hpp"
#include "ronbus/wait/futex.hpp"

#include "systems/one_line.hpp"
#include "systems/one_way_ring.hpp"
#include "systems/system.hpp"

namespace ron::bench {

/// What the floors answer to questions that make no sense for them.
struct OneWay {
  static constexpr Accounting kAccounting = Accounting::Nobody;
  static constexpr bool kSubscribesAnyTime = false;
  static constexpr bool kFlushes = false;
  static constexpr bool kModes = false;
  static constexpr bool kHeapIsSeen = true;
};

/// A plain ring of 1024 numbers.
template <class T, Loss kLoss>
class OneWayRingSystem : public OneWay {
 public:
  static constexpr bool kSleeps = false;

  explicit OneWayRingSystem(const Shape& /*shape*/) {}

  class Sender {
   public:
    explicit Sender(OneWayRing& ring) : ring_{&ring} {}
    [[gnu::always_inline]] void send(T message) { ring_->send(message); }
    [[gnu::always_inline]] void send_many(std::span<const T> messages) {
      ring_->send_many(messages);
    }
    void finish() { ring_->finish(); }

   private:
    OneWayRing* ring_;
  };

  class Receiver {
   public:
    explicit Receiver(OneWayRing& ring) : ring_{&ring} {}
    template <class Sink>
    [[gnu::always_inline]] Receipt receive(Sink&& sink) {
      T message{};
      if (!ring_->receive(message)) return {Told::Closed, 0};
      sink(message);
      return {Told::Messages, 1};
    }
    [[gnu::always_inline]] Receipt receive_many(std::span<T> out) {
      const std::size_t count = ring_->receive_many(out);
      return {count > 0 ? Told::Messages : Told::Closed, count};
    }

   private:
    OneWayRing* ring_;
  };

  [[nodiscard]] Sender sender() { return Sender{*ring_}; }
  [[nodiscard]] Receiver subscribe() { return Receiver{*ring_}; }

 private:
  std::unique_ptr<OneWayRing> ring_ = std::make_unique<OneWayRing>();
};

/// A number that stands for the end of the stamps.
inline constexpr Ticks kEndOfStamps = 0;

/// One word that one thread writes and the other polls.
template <class T, Loss kLoss>
class OneLineSystem : public OneWay {
 public:
  static constexpr bool kSleeps = false;

  explicit OneLineSystem(const Shape& /*shape*/) {}

  class Sender {
   public:
    explicit Sender(OneLine& line) : line_{&line} {}
    [[gnu::always_inline]] void send(T message) { line_->post(message); }
    void finish() { line_->post(kEndOfStamps); }

   private:
    OneLine* line_;
  };

  class Receiver {
   public:
    explicit Receiver(OneLine& line) : line_{&line} {}
    template <class Sink>
    [[gnu::always_inline]] Receipt try_receive(Sink&& sink) {
      Ticks stamp = 0;
      if (!line_->poll(stamp)) return {Told::Nothing, 0};
      if (stamp == kEndOfStamps) return {Told::Closed, 0};
      sink(stamp);
      return {Told::Messages, 1};
    }
    template <class Sink>
    Receipt receive(Sink&& sink) {
      return try_receive(sink);
    }

   private:
    OneLine* line_;
  };

  [[nodiscard]] Sender sender() { return Sender{*line_}; }
  [[nodiscard]] Receiver subscribe() { return Receiver{*line_}; }

 private:
  std::unique_ptr<OneLine> line_ = std::make_unique<OneLine>();
};

/// One word that one thread writes, and a futex on which the other sleeps.
template <class T, Loss kLoss>
class FutexSystem : public OneWay {
  struct State {
    alignas(sync::kCacheLine) std::atomic<T> stamp{kEndOfStamps};
    std::atomic<std::uint32_t> posts{0};
  };

 public:
  static constexpr bool kSleeps = true;

  explicit FutexSystem(const Shape& /*shape*/) {}

  class Sender {
   public:
    explicit Sender(State& state) : state_{&state} {}
    void send(T message) {
      state_->stamp.store(message, std::memory_order_relaxed);
      state_->posts.fetch_add(1, std::memory_order_release);
      wait::futex_wake_all(state_->posts);
    }
    void finish() { send(kEndOfStamps); }

   private:
    State* state_;
  };

  class Receiver {
   public:
    explicit Receiver(State& state) : state_{&state} {}
    template <class Sink>
    Receipt receive(Sink&& sink) {
      while (state_->posts.load(std::memory_order_acquire) == seen_) {
        wait::futex_wait(state_->posts, seen_, {});
      }
      // A later one may be there already; the latest is what counts.
      seen_ = state_->posts.load(std::memory_order_acquire);
      const T stamp = state_->stamp.load(std::memory_order_relaxed);
      if (stamp == kEndOfStamps) return {Told::Closed, 0};
      sink(stamp);
      return {Told::Messages, 1};
    }
    template <class Sink>
    Receipt try_receive(Sink&& sink) {
      return receive(sink);
    }

   private:
    State* state_;
    std::uint32_t seen_ = 0;
  };

  [[nodiscard]] Sender sender() { return Sender{*state_}; }
  [[nodiscard]] Receiver subscribe() { return Receiver{*state_}; }

 private:
  std::unique_ptr<State> state_ = std::make_unique<State>();
};

}  // namespace ron::bench
