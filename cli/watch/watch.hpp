// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "reading.hpp"

namespace ron::cli::watch {

/// What was seen at one reading.
struct Moment {
  double share = 0;   ///< of the capacity that was behind
  bool lost = false;  ///< something since the reading before

  friend bool operator==(const Moment&, const Moment&) = default;
};
using History = std::deque<Moment>;  ///< the newest one last

/// Messages a second between two readings; nothing where there is no earlier one to compare with.
struct Rates {
  std::optional<double> received;
  std::optional<double> missed;
};

/// Nanoseconds, of what was timed since the reading before.
struct Latency {
  double p50 = 0;
  double p99 = 0;
};

struct WatchedSubscriber {
  SubscriberReading now;
  Rates rates;
  History history;
};

struct WatchedBus {
  BusReading now;
  std::optional<double> published_rate;
  Rates rates;  ///< of all subscribers
  std::optional<double> notifications_rate;
  std::optional<Latency> publish;
  std::optional<Latency> end_to_end;
  History history;
  std::vector<WatchedSubscriber> subscribers;

  [[nodiscard]] std::uint64_t received() const;
  [[nodiscard]] std::uint64_t missed() const;
  [[nodiscard]] std::uint64_t filtered() const;
};

/// Compares readings with those before them: rates, and how far behind everybody was lately. A bus
/// whose counts fall was made anew, as after a restart of its program: it has no rates then until
/// the next reading.
class Watch {
 public:
  using Clock = std::chrono::steady_clock;
  /// So many moments are kept.
  static constexpr std::size_t kMoments = 120;

  void take(const Reading& reading, Clock::time_point at);

  /// As of the last reading, in its order.
  [[nodiscard]] const std::vector<WatchedBus>& buses() const { return buses_; }
  /// Readings in which a bus was made anew.
  [[nodiscard]] std::uint64_t restarts() const { return restarts_; }

 private:
  std::vector<WatchedBus> buses_;
  std::optional<Clock::time_point> taken_at_;
  std::uint64_t restarts_ = 0;
};

}  // namespace ron::cli::watch
