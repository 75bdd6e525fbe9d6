// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace ron {

/// What a bus measures beside its counts, which cost nothing and need no switch: they are read from
/// words that the bus keeps in any case. By default nothing.
struct MetricsCfg {
  /// Of so many messages one is measured: how long its publish took, and at a receive how far
  /// behind the subscriber is. 0 to 16777216; 0 for none.
  std::uint32_t sample_every = 0;
  /// Also stamp the measured messages, so that each subscriber measures the time from publish to
  /// receive. An application that knows better measures it itself: Bus::record_end_to_end.
  bool end_to_end = false;

  friend bool operator==(const MetricsCfg&, const MetricsCfg&) = default;
};

}  // namespace ron
