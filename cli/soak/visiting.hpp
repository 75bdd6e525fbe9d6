// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "ronbus/bus.hpp"

#include "ledger.hpp"
#include "rendezvous.hpp"
#include "stamp.hpp"

namespace ron::cli::soak {

/// What became of all visitors.
struct VisitorTally {
  std::uint64_t visitors = 0;
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  std::uint64_t lags = 0;
  std::string fault;  ///< the first

  void note(std::string text) {
    if (fault.empty()) fault = std::move(text);
  }
};

/// Subscribers that come and go: every period one comes, all that are there read a little, and the
/// oldest goes. Where publishers wait for gating subscribers, every fourth visitor gates, and
/// leaves at once.
template <class Payload>
class Visiting {
 public:
  using Message = typename Payload::Message;

  Visiting(const Bus<Message>& bus, std::size_t publishers, bool some_gate, VisitorTally& tally)
      : bus_{bus}, publishers_{publishers}, some_gate_{some_gate}, tally_{tally} {}

  /// Goes on until sent home from `rendezvous`, where it rests as number `thread`.
  void run(std::uint64_t a_second, Rendezvous& rendezvous, std::size_t thread) {
    using Clock = std::chrono::steady_clock;
    const auto period = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>{1.0 / static_cast<double>(a_second)});
    Clock::time_point due = Clock::now();
    for (;;) {
      if (rendezvous.is_called()) {
        for (auto& visitor : visitors_) leave(visitor);
        if (!rendezvous.rest(thread)) return;
        due = Clock::now();
      }
      visit();
      due = std::max(due + period, Clock::now() - period);
      while (!rendezvous.is_called() && Clock::now() < due) {
        std::this_thread::sleep_until(std::min(due, Clock::now() + kSlice));
      }
    }
  }

 private:
  struct Visitor {
    Visitor(Subscriber<Message> there, std::size_t publishers, Ledger::Order order)
        : subscriber{std::move(there)},
          start{subscriber.next_sequence()},
          ledger{publishers, order} {}

    Subscriber<Message> subscriber;
    std::uint64_t start;
    std::uint64_t markers = 0;
    Ledger ledger;
  };

  static constexpr std::size_t kAtOnce = 8;
  static constexpr std::uint64_t kGateEvery = 4;
  static constexpr std::size_t kMessagesAtOnce = 256;
  static constexpr std::chrono::milliseconds kSlice{20};

  void visit() {
    auto& place = visitors_[tally_.visitors % kAtOnce];
    leave(place);
    const bool gates = some_gate_ && tally_.visitors % kGateEvery == 0;
    const std::uint64_t before = bus_.published();
    place =
        std::make_unique<Visitor>(bus_.subscribe({.gating = gates}), publishers_,
                                  gates ? Ledger::Order::GaplessFromAny : Ledger::Order::Rising);
    ++tally_.visitors;
    if (place->start < before || place->start > bus_.published()) {
      tally_.note(fmt::format("a visitor started at message {}, but {} were published before",
                              place->start, before));
    }
    for (auto& visitor : visitors_) {
      if (visitor != nullptr) read(*visitor);
    }
    if (gates) leave(place);
  }

  void read(Visitor& visitor) {
    const auto result = visitor.subscriber.poll(
        [&visitor](const Message& message) {
          const Stamp stamp = Payload::stamp_of(message);
          if (stamp == kMarker) {
            ++visitor.markers;
          } else {
            visitor.ledger.take(stamp);
          }
        },
        kMessagesAtOnce);
    if (!result && result.error() == RecvError::Lagged) {
      visitor.ledger.miss(result.error().missed());
    }
  }

  /// Checks the accounts of a visitor, and lets it go.
  void leave(std::unique_ptr<Visitor>& place) {
    if (place == nullptr) return;
    const Ledger& ledger = place->ledger;
    const std::uint64_t passed = place->subscriber.next_sequence() - place->start;
    if (ledger.received() + place->markers + ledger.missed() != passed) {
      tally_.note(fmt::format("a visitor received {} and missed {} of {} messages",
                              ledger.received() + place->markers, ledger.missed(), passed));
    }
    if (place->subscriber.is_gating() && ledger.missed() > 0) {
      tally_.note(fmt::format("a gating visitor missed {} messages", ledger.missed()));
    }
    if (!ledger.fault().empty()) tally_.note("a visitor " + ledger.fault());
    tally_.received += ledger.received();
    tally_.missed += ledger.missed();
    tally_.lags += ledger.lags();
    place.reset();
  }

  const Bus<Message>& bus_;
  std::size_t publishers_;
  bool some_gate_;
  VisitorTally& tally_;
  std::array<std::unique_ptr<Visitor>, kAtOnce> visitors_;
};

}  // namespace ron::cli::soak
