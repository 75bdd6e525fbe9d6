// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "ronbus/flavor/features.hpp"
#include "ronbus/kernel/sequence.hpp"

namespace ron {
namespace {

struct Range {
  std::size_t least;
  std::size_t most;

  [[nodiscard]] bool contains(std::size_t value) const { return least <= value && value <= most; }
  [[nodiscard]] std::string text() const {
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  }
};

constexpr std::size_t kFallbackCapacity = 256;
/// A larger ring leaves the first-level cache; it should be somebody's decision.
constexpr std::size_t kCacheFriendlyCapacity = 256;

/// Capacities outside [2, 65536] are clamped with a warning, up to a number that is surely a
/// mistake.
constexpr Range kCapacityRange{
    0, std::size_t{1} << std::min(32, std::numeric_limits<std::size_t>::digits - 1)};
constexpr Range kFanoutRange{1, 65536};
constexpr Range kBurstRange{1, 1048576};
constexpr Range kFlushRange{1, 4096};
/// In microseconds.
constexpr Range kLingerRange{0, 1000000};
constexpr std::size_t kFallbackLinger = 100;
constexpr Range kSampleRange{0, std::size_t{1} << 24};

using NumberOrError = std::expected<std::optional<std::size_t>, BuildError>;

NumberOrError number_from_environment(const Environment& environment, const char* name,
                                      Range range) {
  const std::optional<std::string> text = environment(name);
  if (!text) return std::nullopt;
  std::size_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [parsed, failure] = std::from_chars(text->data(), end, value);
  if (failure != std::errc{} || parsed != end || !range.contains(value)) {
    return std::unexpected{BuildError{name, *text, "environment", range.text()}};
  }
  return value;
}

/// Collects settings; remembers the first error.
class Resolver {
 public:
  explicit Resolver(const Environment& environment) : environment_{environment} {}

  Setting<std::size_t> number(const char* knob, std::optional<std::size_t> from_builder,
                              const char* variable, Range range, std::size_t fallback) {
    const NumberOrError from_environment = number_from_environment(environment_, variable, range);
    if (!from_environment) fail(from_environment.error());
    if (from_builder) {
      if (!range.contains(*from_builder)) {
        fail({knob, std::to_string(*from_builder), "builder", range.text()});
      }
      return {*from_builder, Source::Builder};
    }
    if (from_environment && *from_environment) return {**from_environment, Source::Environment};
    return {fallback, Source::Fallback};
  }

  Setting<bool> boolean(const char* knob, std::optional<bool> from_builder, const char* variable) {
    const auto as_number = from_builder.transform([](bool on) { return std::size_t{on}; });
    const Setting<std::size_t> setting = number(knob, as_number, variable, {0, 1}, 0);
    return {setting.value != 0, setting.source};
  }

  void fail(BuildError error) {
    if (!error_) error_ = std::move(error);
  }

  [[nodiscard]] const std::optional<BuildError>& error() const { return error_; }

 private:
  const Environment& environment_;
  std::optional<BuildError> error_;
};

constexpr std::string_view kModeVariable = "RON_BUS_MODE";
constexpr std::string_view kModeNames = "classic, batched, edge or edge-batched";

/// The build option that leaves a mode out of this build; nothing if the mode is there.
std::optional<std::string> left_out_by(BusMode mode) {
  if (is_batched(mode) && !flavor::kHasBatched) return "RONBUS_FLAVOR_BATCHED";
  if (is_edge(mode) && !flavor::kHasEdge) return "RONBUS_FLAVOR_EDGE";
  return std::nullopt;
}

Setting<BusMode> choose_mode(std::optional<BusMode> from_builder, const Environment& environment,
                             Resolver& resolver) {
  Setting<BusMode> mode{BusMode::Classic, Source::Fallback};
  if (const std::optional<std::string> text = environment(kModeVariable)) {
    if (const std::optional<BusMode> named = mode_named(*text)) {
      mode = {*named, Source::Environment};
    } else {
      resolver.fail({std::string{kModeVariable}, *text, "environment", std::string{kModeNames}});
    }
  }
  if (from_builder) mode = {*from_builder, Source::Builder};
  if (const std::optional<std::string> option = left_out_by(mode.value)) {
    resolver.fail({mode.source == Source::Builder ? "mode" : std::string{kModeVariable},
                   std::string{to_string(mode.value)}, std::string{to_string(mode.source)},
                   std::string{kModeNames} + ", but this library was built with " + *option +
                       "=OFF, which leaves this one out"});
  }
  return mode;
}

Setting<sync::FenceKind> choose_fence(std::optional<FencePolicy> policy, Resolver& resolver) {
  const Source source = policy ? Source::Builder : Source::Fallback;
  if (policy == FencePolicy::Portable) return {sync::FenceKind::SeqCst, source};
  if (sync::membarrier_available()) return {sync::FenceKind::Membarrier, source};
  if (policy == FencePolicy::Membarrier) {
    resolver.fail(
        {"fence", "Membarrier", "builder", "Auto or Portable: the kernel has no membarrier"});
  }
  return {sync::FenceKind::SeqCst, source};
}

void add_warnings(EffectiveConfig& config) {
  const std::size_t requested = config.requested_capacity.value;
  const std::string capacity = std::to_string(config.capacity);
  if (requested < kernel::kMinCapacity || requested > kernel::kMaxCapacity) {
    config.warnings.push_back("capacity " + std::to_string(requested) +
                              " is outside [2, 65536] and was set to " + capacity);
  } else if (requested != config.capacity) {
    config.warnings.push_back("capacity " + std::to_string(requested) +
                              " was rounded up to the power of two " + capacity);
  }
  if (config.capacity > kCacheFriendlyCapacity &&
      config.requested_capacity.source != Source::Builder) {
    config.warnings.push_back(
        "capacity " + capacity +
        " is above 256 and was not chosen in the program: it may not be kind to the cache");
  }
  if (config.end_to_end.value && config.sample_every.value == 0) {
    config.warnings.emplace_back(
        "end_to_end is asked for, but nothing is measured: sample_every is 0");
  }
  if (config.burst.source != Source::Fallback && config.capacity < config.burst.value) {
    config.warnings.push_back("capacity " + capacity + " is below the burst of " +
                              std::to_string(config.burst.value) +
                              ": a subscriber that sleeps through one burst loses messages");
  }
}

}  // namespace

std::string_view to_string(BusMode mode) noexcept {
  switch (mode) {
    case BusMode::Classic:
      return "classic";
    case BusMode::Batched:
      return "batched";
    case BusMode::Edge:
      return "edge";
    case BusMode::EdgeBatched:
      return "edge-batched";
  }
  return "unknown";
}

std::optional<BusMode> mode_named(std::string_view name) noexcept {
  for (const BusMode mode :
       {BusMode::Classic, BusMode::Batched, BusMode::Edge, BusMode::EdgeBatched}) {
    if (name == to_string(mode)) return mode;
  }
  return std::nullopt;
}

std::string_view to_string(Source source) noexcept {
  switch (source) {
    case Source::Builder:
      return "builder";
    case Source::Environment:
      return "environment";
    case Source::Autotune:
      return "autotune";
    case Source::Fallback:
      return "fallback";
  }
  return "unknown";
}

std::string_view to_string(sync::FenceKind kind) noexcept {
  switch (kind) {
    case sync::FenceKind::Membarrier:
      return "membarrier";
    case sync::FenceKind::SeqCst:
      return "portable";
  }
  return "unknown";
}

std::optional<std::string> process_environment(std::string_view name) {
  // Safe as long as nobody changes the environment meanwhile, as builder.hpp says.
  const char* const value =
      std::getenv(std::string{name}.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  return std::string{value};
}

std::expected<EffectiveConfig, BuildError> resolve(const RequestedConfig& requested,
                                                   const Environment& environment) {
  Resolver resolver{environment};
  EffectiveConfig config;

  config.mode = choose_mode(requested.mode, environment, resolver);
  config.fanout =
      resolver.number("fanout_hint", requested.expected_subscribers, "RON_FANOUT", kFanoutRange, 0);
  config.burst = resolver.number("burst", requested.burst, "RON_BURST", kBurstRange, 256);
  config.tls_flush_threshold = resolver.number("tls_flush_threshold", requested.tls_flush_threshold,
                                               "RON_TLS_FLUSH_THRESHOLD", kFlushRange, 64);
  config.requested_capacity =
      resolver.number("cap", requested.capacity, "RON_CAP", kCapacityRange, kFallbackCapacity);
  if (config.requested_capacity.source == Source::Fallback && config.fanout.value > 0) {
    config.requested_capacity = {autotune_capacity(config.fanout.value), Source::Autotune};
  }
  config.capacity = kernel::effective_capacity(config.requested_capacity.value);

  config.epoch_yield =
      resolver.boolean("epoch_yield", requested.epoch_yield, "RON_PUB_EPOCH_YIELD");
  const Setting<std::size_t> linger = resolver.number(
      "edge_linger", requested.edge_linger.transform([](std::chrono::microseconds time) {
        // What is negative becomes large, and what is too large for a size stays so.
        return static_cast<std::size_t>(std::min<std::uint64_t>(
            static_cast<std::uint64_t>(time.count()), std::numeric_limits<std::size_t>::max()));
      }),
      "RON_EDGE_LINGER_US", kLingerRange, kFallbackLinger);
  config.edge_linger = {std::chrono::microseconds{linger.value}, linger.source};
  config.single_publisher = {requested.single_publisher.value_or(false),
                             requested.single_publisher ? Source::Builder : Source::Fallback};
  config.fence = choose_fence(requested.fence, resolver);
  config.sample_every =
      resolver.number("metrics.sample_every", requested.metrics.transform([](const MetricsCfg& of) {
        return std::size_t{of.sample_every};
      }),
                      "RON_METRICS_SAMPLE_EVERY", kSampleRange, 0);
  config.end_to_end = resolver.boolean(
      "metrics.end_to_end",
      requested.metrics.transform([](const MetricsCfg& of) { return of.end_to_end; }),
      "RON_METRICS_END_TO_END");
  config.name = requested.name;
  if (config.sample_every.value > 0 && !flavor::kHasMetrics) {
    resolver.fail({"metrics.sample_every", std::to_string(config.sample_every.value),
                   std::string{to_string(config.sample_every.source)},
                   "0: this library was built with RONBUS_METRICS=OFF"});
  }

  if (resolver.error()) return std::unexpected{*resolver.error()};
  add_warnings(config);
  return config;
}

}  // namespace ron
