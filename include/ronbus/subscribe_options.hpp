// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a subscriber takes part in a bus.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "ronbus/interest.hpp"
#include "ronbus/subscriber_info.hpp"
#include "ronbus/wait/wait_strategy.hpp"

namespace ron {

/// Where a subscriber starts. That is settled at one moment while it subscribes; what is
/// overwritten between that moment and its first receive is reported by Lagged like any other loss.
/// To start at a given sequence, which can fail, see Bus::subscribe_at.
class From {
 public:
  /// With what is published from now on.
  [[nodiscard]] static constexpr From newest() noexcept { return From{0}; }
  /// With the oldest message that is retained.
  [[nodiscard]] static constexpr From oldest() noexcept {
    return From{std::numeric_limits<std::uint64_t>::max()};
  }
  /// With the last `count` messages, or as many of them as are retained.
  [[nodiscard]] static constexpr From last(std::uint64_t count) noexcept { return From{count}; }

  /// The sequence that this is while the next message gets `tail`.
  [[nodiscard]] constexpr std::uint64_t sequence(std::uint64_t tail,
                                                 std::size_t capacity) const noexcept {
    return tail - std::min({history_, std::uint64_t{capacity}, tail});
  }

 private:
  constexpr explicit From(std::uint64_t history) noexcept : history_{history} {}

  std::uint64_t history_;
};

/// Where a subscriber goes on after it was overrun. In every case Lagged tells how many messages it
/// missed by that, which are those between the last it read and the one at which it goes on.
enum class OnLag : std::uint8_t {
  /// With the oldest message that is retained: the least is lost.
  ToOldest,
  /// With the newest message, the last one published: all that is older is lost, and what it reads
  /// next is up to date.
  ToNewest,
  /// Not at all: it misses everything up to the tail and leaves the bus, also as a gating
  /// subscriber. After that one Lagged all receives answer RecvError::Disconnected, for ever.
  Disconnect,
};

/// What to do when a subscriber begins to lose messages.
using LagHandler = std::function<void(const LagEpisode&)>;

/// How a subscriber takes part.
struct SubscribeOptions {
  /// Ask to lose nothing: `try_publish` and `publish_wait` then wait for this subscriber. Plain
  /// `publish` does not, and may overrun it; it is told so by Lagged like any other. One that
  /// starts with messages of before may find them overwritten by publishers who had room for that.
  bool gating = false;
  /// What it does while it waits for a message.
  WaitStrategy wait = WaitStrategy::SpinThenSleep;
  /// Where it starts.
  From from = From::newest();
  /// Where it goes on after it was overrun.
  OnLag on_lag = OnLag::ToOldest;
  /// Called when it begins to lose messages, and not again before it has caught up (see
  /// LagEpisode): by its own receive, which then answers Lagged. If it throws, the exception
  /// reaches the caller instead; the loss is counted. Must neither receive from the subscriber nor
  /// destroy it.
  LagHandler on_lag_episode = {};  // NOLINT(readability-redundant-member-init): may be left out
  /// What messages must be about to be received (see HasInterest); others are passed over, counted
  /// by `filtered()`, and do not wake it. Means nothing to types that do not tell.
  Interest interest = kEveryInterest;
  /// How it is called in diagnostics; the first 40 bytes are kept.
  std::string name = {};  // NOLINT(readability-redundant-member-init): may be left out
};

/// Tells whether a subscriber wants to receive a message; what it does not is passed over and
/// counted by `filtered()`. Called by the subscriber's own receives, in its thread. If it throws,
/// the exception reaches the caller and the cursor stands at that message.
template <class T>
using Predicate = std::function<bool(const T&)>;

}  // namespace ron
