// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a bus tells about its subscribers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "ronbus/distribution.hpp"

namespace ron {

/// A time in which a subscriber lost messages. It begins when the subscriber is told so by Lagged,
/// and is over once it has found nothing left to read, or has read as many messages in a row as the
/// bus retains.
struct LagEpisode {
  // NOLINTNEXTLINE(readability-redundant-member-init): may be left out
  std::chrono::system_clock::time_point began{};
  /// From its begin to the last loss, or to the moment at which nothing was left to read.
  std::chrono::nanoseconds length{0};
  std::uint64_t missed = 0;
  bool over = false;

  friend bool operator==(const LagEpisode&, const LagEpisode&) = default;
};

/// One subscriber, as seen from outside. The counts are read one after another while the subscriber
/// may go on; when it rests, `received + filtered + missed + behind` is what was published since it
/// started.
struct SubscriberInfo {
  /// No other subscriber of the bus has it or will have it.
  std::uint64_t id = 0;
  /// As given in SubscribeOptions, of which the first 40 bytes are kept.
  std::string name;
  bool gating = false;
  std::uint64_t next_sequence = 0;  ///< of the message it reads next
  std::uint64_t behind = 0;         ///< messages between that and the tail
  std::uint64_t received = 0;
  std::uint64_t filtered = 0;     ///< passed over, because it did not want them
  std::uint64_t missed = 0;       ///< overwritten before it read them, as reported by Lagged
  std::uint64_t lags = 0;         ///< how often Lagged was reported
  std::uint64_t most_behind = 0;  ///< the furthest it was seen behind, by itself when it lagged or
                                  ///< in a sample, or by who asked now
  std::uint64_t episodes = 0;     ///< how often it began to lag
  std::optional<LagEpisode> episode = std::nullopt;  ///< the last one
  std::uint64_t wakeups = 0;                         ///< how often it was woken while it waited
  /// How far behind it was at sampled receives; see MetricsCfg.
  Distribution distance = {};  // NOLINT(readability-redundant-member-init): may be left out

  /// Whether it has lost messages lately and not caught up since.
  [[nodiscard]] bool is_lagging() const noexcept { return episode && !episode->over; }

  friend bool operator==(const SubscriberInfo&, const SubscriberInfo&) = default;
};

/// A subscriber that had not read everything when a drain gave up.
struct Undrained {
  std::string name;
  std::uint64_t left = 0;  ///< messages before it, of those published before the drain began

  friend bool operator==(const Undrained&, const Undrained&) = default;
};

}  // namespace ron
