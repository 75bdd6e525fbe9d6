// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ron::cli::bench {

enum class Sort : std::uint8_t { Ours, Floor, Rival };

/// A system that `ronbus bench` expects to find in a runner, if that was built.
struct KnownSystem {
  std::string_view name;
  std::string_view runner;
  Sort sort;
  /// One bounded queue for each subscriber, and a publisher that puts each message into all.
  bool fan_out;
  /// Whether each message reaches every subscriber.
  bool broadcast;
};

/// In the order of reports.
[[nodiscard]] std::span<const KnownSystem> known_systems();

/// Nullptr if `name` is not known.
[[nodiscard]] const KnownSystem* known_system(std::string_view name);

}  // namespace ron::cli::bench
