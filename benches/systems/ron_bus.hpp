// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ronbus/builder.hpp"

#include "harness/check.hpp"
#include "systems/finishers.hpp"
#include "systems/system.hpp"

namespace ron::bench {

/// This bus, with several publishers allowed or one promised. What a user would write is inlined
/// as it would be there.
template <class T, Loss kLoss, bool kSinglePublisher>
class RonBusWith {
 public:
  static constexpr Accounting kAccounting = Accounting::ByReceiver;
  static constexpr bool kSubscribesAnyTime = true;
  static constexpr bool kSleeps = true;
  static constexpr bool kFlushes = true;
  static constexpr bool kModes = true;
  static constexpr bool kHeapIsSeen = true;

  explicit RonBusWith(const Shape& shape)
      : bus_{build(shape)},
        finishers_{shape.publishers},
        wait_{shape.stay_awake ? WaitStrategy::Yield : WaitStrategy::SpinThenSleep} {}

  class Sender {
   public:
    [[gnu::always_inline]] void send(const T& message) {
      if constexpr (kLoss == Loss::Gated) {
        (void)publisher_.publish_wait(message);
      } else {
        publisher_.emplace(message);
      }
    }
    [[gnu::always_inline]] void send_many(std::span<const T> messages) {
      if constexpr (kLoss == Loss::Gated) {
        (void)publisher_.publish_many_wait(messages);
      } else {
        publisher_.publish_many(messages);
      }
    }
    void flush() { publisher_.flush(); }
    void finish() {
      flush();
      if (system_->finishers_.arrive()) system_->bus_.close();
    }

   private:
    friend class RonBusWith;
    explicit Sender(RonBusWith& system) : system_{&system}, publisher_{publisher_of(system.bus_)} {}

    RonBusWith* system_;
    Publisher<T> publisher_;
  };

  class Receiver {
   public:
    template <class Sink>
    [[gnu::always_inline]] Receipt try_receive(Sink&& sink) {
      const auto message = subscriber_.try_recv();
      if (!message) [[unlikely]]
        return receipt_of(message.error());
      sink(*message);
      return {Told::Messages, 1};
    }
    template <class Sink>
    [[gnu::always_inline]] Receipt receive(Sink&& sink) {
      const auto message = subscriber_.recv();
      if (!message) [[unlikely]]
        return receipt_of(message.error());
      sink(*message);
      return {Told::Messages, 1};
    }
    [[gnu::always_inline]] Receipt receive_many(std::span<T> out) {
      const auto count = subscriber_.recv_many(out);
      if (!count) [[unlikely]]
        return receipt_of(count.error());
      return {Told::Messages, *count};
    }

   private:
    friend class RonBusWith;
    Receiver(const Bus<T>& bus, WaitStrategy wait)
        : subscriber_{bus.subscribe({.gating = kLoss == Loss::Gated, .wait = wait})} {}

    static Receipt receipt_of(const RecvError& error) {
      if (error == RecvError::Lagged) return {Told::Missed, error.missed()};
      return {error == RecvError::Closed ? Told::Closed : Told::Nothing, 0};
    }

    Subscriber<T> subscriber_;
  };

  [[nodiscard]] Sender sender() { return Sender{*this}; }
  [[nodiscard]] Receiver subscribe() { return Receiver{bus_, wait_}; }

 private:
  static Bus<T> build(const Shape& shape) {
    if (kSinglePublisher && shape.publishers > 1) throw Unsupported{"it promised one publisher"};
    BusBuilder builder = BusBuilder{}
                             .mode(mode_of(shape.mode))
                             .cap(shape.capacity)
                             .single_publisher(kSinglePublisher);
    if (shape.flush != 0) builder.tls_flush_threshold(shape.flush);
    auto bus = builder.build<T>();
    if (!bus) throw WrongAnswer{bus.error().message()};
    return std::move(*bus);
  }
  static BusMode mode_of(Mode mode) {
    switch (mode) {
      case Mode::Batched:
        return BusMode::Batched;
      case Mode::Edge:
        return BusMode::Edge;
      case Mode::EdgeBatched:
        return BusMode::EdgeBatched;
      case Mode::Classic:
        break;
    }
    return BusMode::Classic;
  }
  static Publisher<T> publisher_of(const Bus<T>& bus) {
    auto publisher = bus.publisher();
    if (!publisher) throw WrongAnswer{"no publisher"};
    return std::move(*publisher);
  }

  Bus<T> bus_;
  Finishers finishers_;
  WaitStrategy wait_;
};

template <class T, Loss kLoss>
using RonBus = RonBusWith<T, kLoss, false>;
template <class T, Loss kLoss>
using RonBusSingle = RonBusWith<T, kLoss, true>;

}  // namespace ron::bench
