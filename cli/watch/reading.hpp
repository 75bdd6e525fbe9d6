// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What one look at the buses of a program says, from wherever it comes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ron::cli::watch {

struct SubscriberReading {
  std::string name;
  bool present = true;  ///< or gone; its counts stay
  std::uint64_t behind = 0;
  std::uint64_t most_behind = 0;
  bool lagging = false;
  std::uint64_t received = 0;
  std::uint64_t filtered = 0;
  std::uint64_t missed = 0;
  std::uint64_t lags = 0;      ///< how often it was told that it missed something
  std::uint64_t episodes = 0;  ///< of lagging
  std::uint64_t wakeups = 0;

  friend bool operator==(const SubscriberReading&, const SubscriberReading&) = default;
};

/// How many observations were at most so large.
struct Bucket {
  double bound = 0;  ///< the last one is infinite
  std::uint64_t count = 0;

  friend bool operator==(const Bucket&, const Bucket&) = default;
};
using Histogram = std::vector<Bucket>;  ///< by rising bounds; empty if there is none

struct BusReading {
  std::string name;
  std::string mode;
  bool closed = false;
  std::uint64_t published = 0;
  std::uint64_t refused = 0;
  std::uint64_t unheard = 0;        ///< published while nobody subscribed
  std::uint64_t notifications = 0;  ///< times a publisher went to wake somebody
  std::uint64_t capacity = 0;
  std::uint64_t retained = 0;
  std::uint64_t depth = 0;  ///< retained messages that the slowest subscriber has not read
  std::uint64_t publishers = 0;
  std::uint64_t subscriber_count = 0;
  Histogram publish_ns;
  Histogram end_to_end_ns;
  /// Those that are gone, too, as far as they are told of. Where some have no row of their own, one
  /// stands for all these. No count falls while the bus lives.
  std::vector<SubscriberReading> subscribers;

  friend bool operator==(const BusReading&, const BusReading&) = default;
};

using Reading = std::vector<BusReading>;

}  // namespace ron::cli::watch
