// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a bus tells about its subscribers.
#pragma once

#include <cstdint>
#include <string>

namespace ron {

/// One subscriber, as seen from outside. The counts are read one after another while the subscriber
/// may go on; when it rests, `received + filtered + missed + behind` is what was published since it
/// started.
struct SubscriberInfo {
  /// As given in SubscribeOptions, of which the first 40 bytes are kept.
  std::string name;
  bool gating = false;
  std::uint64_t next_sequence = 0;  ///< of the message it reads next
  std::uint64_t behind = 0;         ///< messages between that and the tail
  std::uint64_t received = 0;
  std::uint64_t filtered = 0;  ///< passed over, because it did not want them
  std::uint64_t missed = 0;    ///< overwritten before it read them, as reported by Lagged
  std::uint64_t lags = 0;      ///< how often Lagged was reported

  friend bool operator==(const SubscriberInfo&, const SubscriberInfo&) = default;
};

/// A subscriber that had not read everything when a drain gave up.
struct Undrained {
  std::string name;
  std::uint64_t left = 0;  ///< messages before it, of those published before the drain began

  friend bool operator==(const Undrained&, const Undrained&) = default;
};

}  // namespace ron
