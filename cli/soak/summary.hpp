// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "parameters.hpp"

namespace ron::cli::soak {

/// What the standard soak may lose at the most, of what all subscribers but the slow one should
/// get.
inline constexpr double kLostShareLimit = 0.001;

struct SubscriberTotals {
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  std::uint64_t lags = 0;  ///< how often it was told that it missed something
};

/// The counts of a soak, or of a part of it. `subscribers` has the gating ones first and, if there
/// is one, the slow one last.
struct Totals {
  std::uint64_t parts = 0;
  std::uint64_t checkpoints = 0;
  double seconds = 0;
  std::uint64_t events = 0;
  std::uint64_t refused = 0;
  std::vector<SubscriberTotals> subscribers;
  SubscriberTotals all_visitors;
  std::uint64_t visitors = 0;
  std::uint64_t constructed = 0;        ///< message objects
  std::int64_t leaked = 0;              ///< of these, at the end of parts
  std::uint64_t memory_growth_kib = 0;  ///< the most of any part

  /// Adds the counts of another part.
  void add(const Totals& part);
};

/// A soak as it stands.
struct Summary {
  Parameters parameters;
  Totals totals;
  std::vector<std::string> failures;  ///< of checks
  bool complete = false;
  std::optional<int> signal;  ///< that ended the last part
  std::uint64_t memory_kib = 0;
  std::uint64_t growth_limit_kib = 0;

  [[nodiscard]] std::uint64_t deliveries() const;
  /// Of what all subscribers but the slow one should have got.
  [[nodiscard]] double lost_share() const;
  /// What a subscriber is: gating, lossy or slow.
  [[nodiscard]] const char* role_of(std::size_t subscriber) const;
};

/// How many subscribers there are, the slow one too.
[[nodiscard]] std::size_t subscribers_in(const Parameters& parameters);
[[nodiscard]] std::string name_of(std::size_t subscriber, const Parameters& parameters);

/// For people.
[[nodiscard]] std::string to_text(const Summary& summary);
[[nodiscard]] nlohmann::ordered_json to_json(const Summary& summary);

}  // namespace ron::cli::soak
