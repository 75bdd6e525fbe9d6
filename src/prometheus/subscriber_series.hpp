// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What is told of the subscribers of one bus, by the label `subscriber`, of which there is a
// bounded number:
//
//   - The first so many names each get a label, and keep it as long as the bus is there.
//   - A label stands for all subscribers of that name, one after another or at the same time. Its
//     counts are what was seen of each of them at the most, so that they do not fall when one goes.
//   - "(other)" is the total of the bus less what the labels say: subscribers that came too late
//   for
//     a label, and what those that are gone did after they were last seen.
//
// Hence no series ever falls, and the sum over all labels is the total of the bus. While a bus is
// busy a snapshot may tell less than was done by then, of the total even less than of the
// subscribers, which are looked at later. "(other)" is too small then, never too large, and stays
// where it was if it would fall. Wake-ups are another matter, because the bus counts them before
// subscribers show them: of those "(other)" tells what was seen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ronbus/snapshot.hpp"

namespace ron::prometheus {

inline constexpr std::string_view kOtherSubscribers = "(other)";
inline constexpr std::string_view kUnnamedSubscriber = "unnamed";

/// What is counted of subscribers, as members of both BusSnapshot and SubscriberInfo.
enum SubscriberCount : std::uint8_t { Received, Filtered, Missed, Lags, Episodes, Wakeups };
inline constexpr std::size_t kSubscriberCounts = Wakeups + 1;
using SubscriberCounts = std::array<std::uint64_t, kSubscriberCounts>;

/// The subscribers of a label that are there now.
struct PresentSubscribers {
  std::uint64_t behind = 0;       ///< of the one that is furthest behind
  std::uint64_t most_behind = 0;  ///< the furthest that one of them ever was
  std::uint64_t lagging = 0;      ///< how many of them
  /// Medians and 99th percentiles of the distance, of the one where they are highest; empty unless
  /// it is sampled.
  std::optional<std::array<std::uint64_t, 2>> distances;
};

struct SubscriberSeries {
  std::string label;
  SubscriberCounts counts{};
  std::optional<PresentSubscribers> present;  ///< nothing if all of them are gone
};

class SubscriberLabels {
 public:
  explicit SubscriberLabels(std::size_t limit) noexcept : limit_{limit} {}

  /// The series of a snapshot that is newer than that of the last call.
  [[nodiscard]] std::vector<SubscriberSeries> update(const BusSnapshot& snapshot);

 private:
  using Labels = std::map<std::string, SubscriberCounts, std::less<>>;

  /// A subscriber that was there at the last snapshot.
  struct Seen {
    Labels::iterator label;  ///< the end if it has none
    SubscriberCounts counts{};
  };

  [[nodiscard]] Labels::iterator label_of(const SubscriberInfo& info);

  std::size_t limit_;
  Labels labels_;
  std::map<std::uint64_t, Seen> seen_;  ///< by id
  SubscriberCounts seen_of_others_{};
  SubscriberCounts other_{};
  bool has_other_ = false;
};

}  // namespace ron::prometheus
