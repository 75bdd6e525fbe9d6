// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What workloads ask of a system under test. A system is a template of the message type and of
// what it does when it is full; each is described by the concept at the end:
//
//   S<T, loss> system{shape};        throws Unsupported if it cannot be had in this shape
//   system.sender()                  for one thread; `shape.publishers` of them at most
//   system.subscribe()               for one thread; `shape.subscribers` of them, or at any time
//                                    and any number if S::kSubscribesAnyTime
//   sender.send(message)             waits for room if gated, else never
//   sender.send_many(messages)
//   sender.finish()                  once, at the end; when all have finished, receivers get Closed
//                                    behind the last message. Gated or not, receivers must be
//                                    reading by then.
//   receiver.try_receive(sink)       calls sink(message) if there is one
//   receiver.receive(sink)           waits, as the library recommends it for threads
//   receiver.receive_many(messages)  waits for the first, takes what is there
//
// and tells of itself: S::kAccounting; S::kSubscribesAnyTime; S::kSleeps, whether a receive that
// waits gives up the processor; S::kFlushes, whether `shape.flush` means anything to it, S::kModes,
// whether `shape.mode` does, and then sender.flush() ends what is staged in some of them;
// S::kHeapIsSeen, whether its memory comes from malloc, where the harness counts it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/check.hpp"

namespace ron::bench {

using Number = std::uint64_t;

enum class Loss : std::uint8_t {
  Lossy,  ///< the oldest message is overwritten, or the new one dropped
  Gated,  ///< senders wait for the slowest receiver
};

/// How this bus publishes and waits.
enum class Mode : std::uint8_t { Classic, Batched, Edge, EdgeBatched };

/// Who knows what a subscriber has missed.
enum class Accounting : std::uint8_t {
  ByReceiver,  ///< a receive tells
  BySender,    ///< Sender::dropped(subscriber), in the order of subscribing
  Nobody,      ///< what was sent and did not arrive
};

struct Shape {
  std::size_t capacity = 1024;
  std::size_t publishers = 1;
  std::size_t subscribers = 1;
  /// Publishes after which a publisher tells others its position, or hands over what is staged; 0
  /// for the system's own default.
  std::size_t flush = 0;
  Mode mode = Mode::Classic;
  /// Receivers that wait give their processor to others, but do not sleep; where a system has the
  /// choice.
  bool stay_awake = false;
};

enum class Told : std::uint8_t {
  Messages,  ///< `count` of them
  Nothing,   ///< not now; try_receive only
  Missed,    ///< `count` messages, exactly
  Closed,    ///< and everything was received
};

struct Receipt {
  Told told = Told::Nothing;
  std::uint64_t count = 0;
};

template <class T>
struct AnySink {
  void operator()(const T& /*message*/) const {}
};

template <template <class, Loss> class S, class T, Loss kLoss>
concept SystemOf = std::constructible_from<S<T, kLoss>, const Shape&> &&
                   requires(S<T, kLoss> system, typename S<T, kLoss>::Sender sender,
                            typename S<T, kLoss>::Receiver receiver, const T& message,
                            std::span<const T> messages, std::span<T> out, AnySink<T> sink) {
                     { system.sender() } -> std::same_as<typename S<T, kLoss>::Sender>;
                     { system.subscribe() } -> std::same_as<typename S<T, kLoss>::Receiver>;
                     sender.send(message);
                     sender.send_many(messages);
                     sender.finish();
                     { receiver.try_receive(sink) } -> std::same_as<Receipt>;
                     { receiver.receive(sink) } -> std::same_as<Receipt>;
                     { receiver.receive_many(out) } -> std::same_as<Receipt>;
                     { S<T, kLoss>::kAccounting } -> std::convertible_to<Accounting>;
                     { S<T, kLoss>::kSubscribesAnyTime } -> std::convertible_to<bool>;
                     { S<T, kLoss>::kSleeps } -> std::convertible_to<bool>;
                     { S<T, kLoss>::kFlushes } -> std::convertible_to<bool>;
                     { S<T, kLoss>::kModes } -> std::convertible_to<bool>;
                     { S<T, kLoss>::kHeapIsSeen } -> std::convertible_to<bool>;
                   };

/// How many messages this sender dropped for that subscriber.
template <class System>
[[nodiscard]] std::uint64_t dropped_for(const typename System::Sender& sender,
                                        std::size_t subscriber) {
  if constexpr (System::kAccounting == Accounting::BySender) {
    return sender.dropped(subscriber);
  } else {
    return 0;
  }
}

}  // namespace ron::bench
