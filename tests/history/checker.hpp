// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a run of a bus did, as its threads wrote it down, and whether a bus may have done that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ron::test {

/// From before a call to after it, on a clock that all threads share.
struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// A message that was given to a publisher. Each has an id of its own; those of one publisher rise.
struct Publish {
  std::uint64_t id = 0;
  std::size_t publisher = 0;
  Interval when;  ///< until it was handed over, where it was staged
};

/// An answer that a subscriber got.
struct Receive {
  enum Kind : std::uint8_t { Start, Message, Lagged, Nothing, Closed };
  Kind kind = Nothing;
  std::uint64_t value = 0;   ///< the id, or how many were missed
  std::uint64_t cursor = 0;  ///< where it stood before; of Start, where it stands then
  Interval when;
};

struct History {
  std::size_t capacity = 0;
  std::vector<std::vector<Publish>> publishers;  ///< what each published, in its order
  std::vector<std::vector<Receive>> subscribers;
  Interval close;
  // What the bus counted in the end.
  std::uint64_t published = 0;
  std::uint64_t refused = 0;
};

/// The first thing that is wrong with it; empty if there is one order of all messages
///   - which every subscriber saw from its start to its end, but for what it was told to have
///     missed, each message once and none that nobody published;
///   - in which each publisher's messages stand in its order;
///   - which agrees with time: what was published before something else was begun stands before
///     it, nobody receives what is not begun, finds nothing although there is something, or starts
///     elsewhere than at a tail of that moment;
/// and if every lag leads from where the subscriber stood to the oldest message that was retained
/// at a moment of that call, nothing is published after the close, and all is counted.
[[nodiscard]] std::string fault_of(const History& history);

}  // namespace ron::test
