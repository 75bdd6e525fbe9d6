// SPDX-License-Identifier: MIT OR Apache-2.0
#include "targets.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "known_systems.hpp"
#include "plan.hpp"
#include "units.hpp"

namespace ron::cli::bench {
namespace {

enum class Against : std::uint8_t { Tokio, FanOuts, Disruptor, Rivals, Floor, Itself };
enum class Relation : std::uint8_t { AtLeast, AtMost };

struct Claim {
  std::string_view text;
  std::string_view workload;
  std::string_view case_name;  ///< empty for every case of the workload; "...*" for a beginning
  std::string_view system;
  std::string_view metric;
  Against against;
  /// Case of the workload `floors`, or of the same one, if against a floor or itself.
  std::string_view other_case;
  Relation relation;
  double limit;
};

constexpr auto kAtLeast = Relation::AtLeast;
constexpr auto kAtMost = Relation::AtMost;

// clang-format off
constexpr std::array kClaims{
    Claim{"publish with one idle subscriber, several publishers allowed: at least 4 times as fast as tokio",
          "throughput", "1 idle", "ron-bus", "ns_per_publish", Against::Tokio, "", kAtLeast, 4},
    Claim{"publish with one idle subscriber, one publisher promised: at least 20 times as fast as tokio",
          "throughput", "1 idle", "ron-bus-single", "ns_per_publish", Against::Tokio, "", kAtLeast, 20},
    Claim{"draining receive, several publishers allowed: at least 6 times as fast as tokio",
          "latency_service", "capacity 1024", "ron-bus", "ns_per_receive", Against::Tokio, "", kAtLeast, 6},
    Claim{"draining receive, one publisher promised: at least 15 times as fast as tokio",
          "latency_service", "capacity 1024", "ron-bus-single", "ns_per_receive", Against::Tokio, "", kAtLeast, 15},

    Claim{"ab_compare, every cell, several publishers allowed: at least 3 times tokio's deliveries/s",
          "ab_compare", "", "ron-bus", "deliveries_per_s", Against::Tokio, "", kAtLeast, 3},
    Claim{"ab_compare, every cell, several publishers allowed: not behind tokio in publishes/s",
          "ab_compare", "", "ron-bus", "publishes_per_s", Against::Tokio, "", kAtLeast, 1},
    Claim{"ab_compare, every cell, several publishers allowed: at least 5 times every fan-out's deliveries/s",
          "ab_compare", "", "ron-bus", "deliveries_per_s", Against::FanOuts, "", kAtLeast, 5},
    Claim{"ab_compare, every cell, one publisher promised: at least 3 times tokio's deliveries/s",
          "ab_compare", "", "ron-bus-single", "deliveries_per_s", Against::Tokio, "", kAtLeast, 3},
    Claim{"ab_compare, every cell, one publisher promised: not behind tokio in publishes/s",
          "ab_compare", "", "ron-bus-single", "publishes_per_s", Against::Tokio, "", kAtLeast, 1},
    Claim{"ab_compare, every cell, one publisher promised: at least 5 times every fan-out's deliveries/s",
          "ab_compare", "", "ron-bus-single", "deliveries_per_s", Against::FanOuts, "", kAtLeast, 5},

    Claim{"gated 1 to 1, one by one: at least 3 times the Java Disruptor",
          "gated", "1x1 one by one", "ron-bus-single", "deliveries_per_s", Against::Disruptor, "", kAtLeast, 3},
    Claim{"gated 1 to 1, in batches: at least level with the Java Disruptor",
          "gated", "1x1 batches of *", "ron-bus-single", "deliveries_per_s", Against::Disruptor, "", kAtLeast, 1},
    Claim{"gated 1 to 3, one by one: at least 1.5 times the Java Disruptor",
          "gated", "1x3 one by one", "ron-bus-single", "deliveries_per_s", Against::Disruptor, "", kAtLeast, 1.5},
    Claim{"gated 4 to 8, one by one: at least level with the Java Disruptor",
          "gated", "4x8 one by one", "ron-bus", "deliveries_per_s", Against::Disruptor, "", kAtLeast, 1},
    Claim{"4 publishers to 8 lossy subscribers: at least 2 times tokio's deliveries/s",
          "fanout_scaling", "4 publishers, 8 draining", "ron-bus", "deliveries_per_s", Against::Tokio, "", kAtLeast, 2},
    Claim{"2 contending publishers: at least 2 times tokio's publishes/s",
          "fanout_scaling", "2 publishers", "ron-bus", "publishes_per_s", Against::Tokio, "", kAtLeast, 2},

    Claim{"bursts of 512, capacity 4096, several publishers allowed: Batched at least 1.3 times Classic's publishes/s",
          "bus_publish", "512 to 4, mode batched", "ron-bus", "publishes_per_s", Against::Itself, "512 to 4, classic", kAtLeast, 1.3},
    Claim{"bursts of 512, capacity 8192, several publishers allowed: Batched at least 1.3 times Classic's publishes/s",
          "bus_publish", "512 to 4, capacity 8192, mode batched", "ron-bus", "publishes_per_s", Against::Itself, "512 to 4, capacity 8192, mode classic", kAtLeast, 1.3},
    Claim{"bursts of 1024, capacity 4096, several publishers allowed: Batched at least 1.3 times Classic's publishes/s",
          "bus_publish", "1024 to 4, capacity 4096, mode batched", "ron-bus", "publishes_per_s", Against::Itself, "1024 to 4, capacity 4096, mode classic", kAtLeast, 1.3},
    Claim{"bursts of 1024, capacity 8192, several publishers allowed: Batched at least 1.3 times Classic's publishes/s",
          "bus_publish", "1024 to 4, mode batched", "ron-bus", "publishes_per_s", Against::Itself, "1024 to 4, classic", kAtLeast, 1.3},

    Claim{"polling end to end, several publishers allowed: p50 at most 1.3 times the one-way floor",
          "latency", "polling, every 10 us", "ron-bus", "p50_ns", Against::Floor, "one way line, every 10 us", kAtMost, 1.3},
    Claim{"polling end to end, one publisher promised: p50 at most 1.3 times the one-way floor",
          "latency", "polling, every 10 us", "ron-bus-single", "p50_ns", Against::Floor, "one way line, every 10 us", kAtMost, 1.3},
    Claim{"sleeping end to end, several publishers allowed: p50 at most 1.15 times the futex floor",
          "latency", "sleeping, every 100 us", "ron-bus", "p50_ns", Against::Floor, "futex wake, every 100 us", kAtMost, 1.15},
    Claim{"sleeping end to end, one publisher promised: p50 at most 1.15 times the futex floor",
          "latency", "sleeping, every 100 us", "ron-bus-single", "p50_ns", Against::Floor, "futex wake, every 100 us", kAtMost, 1.15},
    Claim{"sleeping end to end, several publishers allowed: p50 below every rival's",
          "latency", "sleeping, every 100 us", "ron-bus", "p50_ns", Against::Rivals, "", kAtMost, 1},
    Claim{"sleeping end to end, one publisher promised: p50 below every rival's",
          "latency", "sleeping, every 100 us", "ron-bus-single", "p50_ns", Against::Rivals, "", kAtMost, 1},
};
// clang-format on

bool is_about(const Claim& claim, const Case& entry) {
  if (claim.workload != entry.workload) return false;
  if (claim.case_name.ends_with('*')) {
    const std::string_view begin = claim.case_name.substr(0, claim.case_name.size() - 1);
    return entry.quick && entry.name.starts_with(begin);
  }
  return claim.case_name.empty() || claim.case_name == entry.name;
}

bool is_against(const Claim& claim, const KnownSystem& system) {
  switch (claim.against) {
    case Against::Tokio:
      return system.name == "tokio";
    case Against::FanOuts:
      return system.fan_out;
    case Against::Disruptor:
      return system.runner == "runner_java";
    case Against::Rivals:
      return system.sort == Sort::Rival;
    case Against::Floor:
      return system.sort == Sort::Floor;
    case Against::Itself:
      return system.name == claim.system;
  }
  return false;
}

Place place_of(const Claim& claim, const Case& entry) {
  return {.workload = std::string{entry.workload},
          .case_name = std::string{entry.name},
          .system = std::string{claim.system},
          .metric = std::string{claim.metric}};
}

Place place_against(const Claim& claim, const Case& entry, const KnownSystem& system) {
  Place place = place_of(claim, entry);
  place.system = system.name;
  if (claim.against == Against::Floor) place.workload = "floors";
  if (!claim.other_case.empty()) place.case_name = claim.other_case;
  return place;
}

std::optional<double> median_at(const Report& report, const Place& place) {
  const Result* const result = report.result(place.workload, place.case_name, place.system);
  const Metric* const metric = result == nullptr ? nullptr : result->metric(place.metric);
  if (metric == nullptr || metric->median <= 0) return std::nullopt;
  return metric->median;
}

/// How often `other` goes into ours, or ours into `other`, so that a larger quotient is a better
/// one for AtLeast, and a smaller one for AtMost.
double quotient(const Claim& claim, double ours, double other) {
  const bool turned = less_is_better(claim.metric) == (claim.relation == Relation::AtLeast);
  return turned ? other / ours : ours / other;
}

bool is_worse(const Claim& claim, double value, double than) {
  return claim.relation == Relation::AtLeast ? value < than : value > than;
}

Target evaluate(const Claim& claim, const Report& report) {
  Target target{.claim = std::string{claim.text},
                .value = {},
                .relation = claim.relation == Relation::AtLeast ? ">=" : "<=",
                .limit = claim.limit,
                .met = {},
                .of = {},
                .against = {}};
  bool complete = true;
  for (const Case& entry : plan()) {
    if (!is_about(claim, entry)) continue;
    const Place of = place_of(claim, entry);
    const std::optional<double> ours = median_at(report, of);
    bool compared = false;
    for (const KnownSystem& system : known_systems()) {
      if (!is_against(claim, system)) continue;
      const Place against = place_against(claim, entry, system);
      if (target.of.workload.empty()) {  // something to show even if nothing was measured
        target.of = of;
        target.against = against;
      }
      const std::optional<double> other = median_at(report, against);
      if (!ours || !other) continue;
      compared = true;
      const double value = quotient(claim, *ours, *other);
      if (target.value && !is_worse(claim, value, *target.value)) continue;
      target.value = value;
      target.of = of;
      target.against = against;
    }
    complete = complete && compared;
  }
  if (!complete) target.value.reset();
  if (target.value) target.met = !is_worse(claim, *target.value, claim.limit);
  return target;
}

}  // namespace

std::vector<Target> evaluate_targets(const Report& report) {
  std::vector<Target> targets;
  targets.reserve(kClaims.size());
  for (const Claim& claim : kClaims) targets.push_back(evaluate(claim, report));
  return targets;
}

}  // namespace ron::cli::bench
