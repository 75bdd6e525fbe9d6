// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The configuration of a bus, and where each value of it came from. Precedence: builder, then
// environment, then autotune, then the fallback.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ronbus/error.hpp"
#include "ronbus/metrics_config.hpp"
#include "ronbus/sync/fence.hpp"

namespace ron {

/// Flavor of a bus. All have the same semantics and differ in cost; docs/MIGRATION.md tells which
/// is for what.
enum class BusMode : std::uint8_t {
  Classic,  ///< every publish is visible at once and looks once whether somebody sleeps
  Batched,  ///< a Publisher stages up to `tls_flush_threshold` messages and publishes them as one
  Edge,     ///< a subscriber that has read everything asks to be woken only after `edge_linger`
  EdgeBatched,  ///< both
};

/// How publishers and subscribers order their rare meetings; see sync/fence.hpp.
enum class FencePolicy : std::uint8_t {
  Auto,        ///< membarrier where the kernel offers it, else portable
  Membarrier,  ///< membarrier, or a BuildError
  Portable,    ///< sequentially consistent fences on both sides: works anywhere, costs more
};

enum class Source : std::uint8_t { Builder, Environment, Autotune, Fallback };

[[nodiscard]] std::string_view to_string(BusMode mode) noexcept;
/// The mode of that name, as `to_string` gives it.
[[nodiscard]] std::optional<BusMode> mode_named(std::string_view name) noexcept;
/// Whether publishers stage messages.
[[nodiscard]] constexpr bool is_batched(BusMode mode) noexcept {
  return mode == BusMode::Batched || mode == BusMode::EdgeBatched;
}
/// Whether subscribers linger before they ask to be woken.
[[nodiscard]] constexpr bool is_edge(BusMode mode) noexcept {
  return mode == BusMode::Edge || mode == BusMode::EdgeBatched;
}
[[nodiscard]] std::string_view to_string(Source source) noexcept;
[[nodiscard]] std::string_view to_string(sync::FenceKind kind) noexcept;

/// A value and where it came from.
template <class T>
struct Setting {
  T value{};
  Source source = Source::Fallback;
};

/// What the builder was told; empty where it was told nothing.
struct RequestedConfig {
  std::optional<BusMode> mode;
  std::optional<std::size_t> capacity;
  std::optional<std::size_t> expected_subscribers;
  std::optional<std::size_t> burst;
  std::optional<std::size_t> tls_flush_threshold;
  std::optional<bool> epoch_yield;
  std::optional<std::chrono::microseconds> edge_linger;
  std::optional<bool> single_publisher;
  std::optional<FencePolicy> fence;
  std::optional<MetricsCfg> metrics;
  std::string name = "bus";
};

/// What a bus runs with.
struct EffectiveConfig {
  Setting<BusMode> mode;
  Setting<std::size_t> requested_capacity;
  /// Next power of two of the requested one, within [2, 65536].
  std::size_t capacity = 0;
  /// Expected number of subscribers, 0 if unknown. Chooses the capacity when nothing else does.
  Setting<std::size_t> fanout;
  /// Messages that publishers are expected to send in one go; a capacity below it is warned about.
  Setting<std::size_t> burst;
  /// Publishes after which a publisher makes its position known to others; of a batched mode, how
  /// many messages a Publisher stages at most.
  Setting<std::size_t> tls_flush_threshold;
  /// Whether `publish_many` gives up the processor after every `burst` messages.
  Setting<bool> epoch_yield;
  /// Of an edge mode: how long a subscriber that found nothing sleeps by itself, so that publishers
  /// need not wake it, before it asks to be woken.
  Setting<std::chrono::microseconds> edge_linger;
  Setting<bool> single_publisher;
  Setting<sync::FenceKind> fence;
  /// See MetricsCfg.
  Setting<std::size_t> sample_every;
  Setting<bool> end_to_end;
  /// How it is called in metrics.
  std::string name;
  /// What was rounded, clamped or looks unwise; one sentence each.
  std::vector<std::string> warnings;
};

/// Looks up an environment variable; nothing if it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view)>;

/// The environment of this process. Not safe while another thread calls setenv.
[[nodiscard]] std::optional<std::string> process_environment(std::string_view name);

/// Capacity for an expected number of subscribers: up to 4: 64, up to 16: 128, else 256.
[[nodiscard]] constexpr std::size_t autotune_capacity(std::size_t expected_subscribers) noexcept {
  if (expected_subscribers <= 4) return 64;
  return expected_subscribers <= 16 ? 128 : 256;
}

/// Applies the precedence. Reads RON_BUS_MODE, RON_CAP, RON_BURST, RON_FANOUT,
/// RON_TLS_FLUSH_THRESHOLD, RON_PUB_EPOCH_YIELD, RON_EDGE_LINGER_US, RON_METRICS_SAMPLE_EVERY and
/// RON_METRICS_END_TO_END. A value that is not allowed is an error, even if the builder overrides
/// it. So is a mode that was left out of the build, if it would be used.
[[nodiscard]] std::expected<EffectiveConfig, BuildError> resolve(
    const RequestedConfig& requested, const Environment& environment = process_environment);

}  // namespace ron
