// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <thread>
#include <type_traits>

#include "ronbus/error.hpp"
#include "ronbus/subscriber.hpp"

#include "ledger.hpp"
#include "rendezvous.hpp"
#include "stamp.hpp"

namespace ron::cli::soak {

/// The ways of receiving, so that a soak takes all of them.
enum class Way : std::uint8_t { ByValue, InBatches, InPlace, Borrowed };

inline constexpr std::size_t kWays = 4;

/// One subscriber at work: receives everything and keeps its accounts.
template <class Payload>
class Subscribing {
 public:
  using Message = typename Payload::Message;

  struct Role {
    std::size_t thread;  ///< its number at the rendezvous
    Way way;
    std::chrono::microseconds pause;  ///< after every message, except when it is called
  };

  Subscribing(Subscriber<Message>& subscriber, const Role& role, Ledger& ledger)
      : subscriber_{subscriber}, role_{role}, ledger_{ledger} {}

  /// Receives until it is sent home from `rendezvous`, where it rests after every marker, or until
  /// the bus is closed.
  void run(Rendezvous& rendezvous) {
    for (;;) {
      const std::expected<bool, RecvError> at_marker = receive();
      if (at_marker.has_value()) {
        if (*at_marker) {
          if (!rendezvous.rest(role_.thread)) return;
        } else if (role_.pause.count() > 0) {
          pause(rendezvous);
        }
      } else if (at_marker.error() == RecvError::Lagged) {
        ledger_.miss(at_marker.error().missed());
      } else {
        return;
      }
    }
  }

 private:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::chrono::microseconds kSlice{5000};

  /// Takes a message into the accounts; returns whether it is the marker.
  [[nodiscard]] bool take(const Message& message) {
    const Stamp stamp = Payload::stamp_of(message);
    if (stamp == kMarker) [[unlikely]]
      return true;
    ledger_.take(stamp);
    return false;
  }

  /// Waits for messages and takes them; returns whether the last one was the marker.
  [[nodiscard]] std::expected<bool, RecvError> receive() {
    switch (role_.way) {
      case Way::ByValue:
        return taken(subscriber_.recv());
      case Way::InBatches:
        return receive_batch();
      case Way::InPlace:
        return receive_in_place();
      case Way::Borrowed:
        break;
    }
    return taken(subscriber_.borrow());
  }

  /// Takes what was received by value or borrowed.
  template <class Received>
  [[nodiscard]] std::expected<bool, RecvError> taken(
      const std::expected<Received, RecvError>& received) {
    if (!received) return std::unexpected{received.error()};
    if constexpr (std::is_same_v<Received, Message>) {
      return take(*received);
    } else {
      return take(**received);
    }
  }

  [[nodiscard]] std::expected<bool, RecvError> receive_batch() {
    const auto count = subscriber_.recv_many(batch_);
    if (!count) return std::unexpected{count.error()};
    bool at_marker = false;
    for (std::size_t i = 0; i < *count; ++i) at_marker = take(batch_[i]);
    return at_marker;
  }

  [[nodiscard]] std::expected<bool, RecvError> receive_in_place() {
    bool at_marker = false;
    const auto handler = [&](const Message& message) { at_marker = take(message); };
    const auto polled = subscriber_.poll(handler, kBatch);
    if (polled) return at_marker;
    if (polled.error() != RecvError::Empty) return std::unexpected{polled.error()};
    const auto visited = subscriber_.visit(handler);
    if (!visited) return std::unexpected{visited.error()};
    return at_marker;
  }

  void pause(const Rendezvous& rendezvous) const {
    auto left = role_.pause;
    while (left.count() > 0 && !rendezvous.is_called()) {
      const auto slice = std::min(left, kSlice);
      std::this_thread::sleep_for(slice);
      left -= slice;
    }
  }

  Subscriber<Message>& subscriber_;
  Role role_;
  Ledger& ledger_;
  std::array<Message, kBatch> batch_{};
};

}  // namespace ron::cli::soak
