// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a bus tells about itself.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ronbus/config.hpp"
#include "ronbus/distribution.hpp"
#include "ronbus/subscriber_info.hpp"

namespace ron {

/// A bus at one moment. Counts begin with the bus and never go down from one snapshot to the next;
/// at any moment at which nobody publishes, receives, comes or goes they are exact.
struct BusSnapshot {
  std::string name;
  BusMode mode = BusMode::Classic;
  bool closed = false;

  std::uint64_t published = 0;
  std::uint64_t refused = 0;  ///< see Bus::refused
  /// Published while nobody subscribed, and before the start of whoever subscribed next.
  std::uint64_t unheard = 0;
  /// How often a publisher woke somebody who waited. Counted, as `wakeups`, when the woken goes on.
  std::uint64_t notifications = 0;

  // Of all subscribers together, those that are gone included.
  std::uint64_t received = 0;
  std::uint64_t filtered = 0;
  std::uint64_t missed = 0;
  std::uint64_t lags = 0;
  std::uint64_t episodes = 0;
  std::uint64_t wakeups = 0;

  std::size_t publishers = 0;
  std::size_t capacity = 0;
  std::size_t requested_capacity = 0;
  std::size_t retained = 0;  ///< messages that can still be read
  std::size_t depth = 0;     ///< those that the slowest subscriber has not read

  // Empty unless MetricsCfg asks for them.
  Distribution publish_ns;
  Distribution end_to_end_ns;
  Distribution batch_sizes;

  std::vector<SubscriberInfo> subscribers;  ///< those of now, in no particular order

  /// What a subscriber lost while it was there.
  struct Loss {
    std::string name;
    std::uint64_t missed = 0;
    std::uint64_t most_behind = 0;

    friend bool operator==(const Loss&, const Loss&) = default;
  };
  /// Who lost most since the bus began, be it there or gone; nobody if nothing was lost.
  std::optional<Loss> worst;

  /// Who is furthest behind now; nullptr if nobody subscribes.
  [[nodiscard]] const SubscriberInfo* slowest() const noexcept {
    const auto found = std::ranges::max_element(subscribers, {}, &SubscriberInfo::behind);
    return found == subscribers.end() ? nullptr : &*found;
  }
  /// Messages that were published without waking anybody.
  [[nodiscard]] std::uint64_t unnotified() const noexcept {
    return published - std::min(published, notifications);
  }
};

}  // namespace ron
