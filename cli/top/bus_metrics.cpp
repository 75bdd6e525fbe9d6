// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bus_metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace ron::cli::top {
namespace {

using watch::BusReading;
using watch::SubscriberReading;
using Wrong = std::unexpected<std::string>;

constexpr std::string_view kPrefix = "ron_bus_";

struct BusMetric {
  std::string_view name;
  std::uint64_t BusReading::* count;
};

constexpr std::array<BusMetric, 8> kBusMetrics{{
    {"publish_total", &BusReading::published},
    {"publish_refused_total", &BusReading::refused},
    {"publish_unheard_total", &BusReading::unheard},
    {"capacity", &BusReading::capacity},
    {"retained", &BusReading::retained},
    {"ring_depth", &BusReading::depth},
    {"publishers", &BusReading::publishers},
    {"subscribers", &BusReading::subscriber_count},
}};

struct SubscriberMetric {
  std::string_view name;
  std::uint64_t SubscriberReading::* count;
};

constexpr std::array<SubscriberMetric, 8> kSubscriberMetrics{{
    {"receive_total", &SubscriberReading::received},
    {"filtered_total", &SubscriberReading::filtered},
    {"drop_lagged_total", &SubscriberReading::missed},
    {"lag_reports_total", &SubscriberReading::lags},
    {"lag_episodes_total", &SubscriberReading::episodes},
    {"subscriber_wakeups_total", &SubscriberReading::wakeups},
    {"subscriber_behind", &SubscriberReading::behind},
    {"subscriber_behind_max", &SubscriberReading::most_behind},
}};

struct HistogramMetric {
  std::string_view name;
  watch::Histogram BusReading::* histogram;
};

constexpr std::array<HistogramMetric, 2> kHistogramMetrics{{
    {"publish_ns_bucket", &BusReading::publish_ns},
    {"end_to_end_latency_ns_bucket", &BusReading::end_to_end_ns},
}};

template <class Metrics>
auto find_in(const Metrics& metrics, std::string_view name) -> decltype(metrics.data()) {
  const auto found = std::ranges::find_if(metrics, [&](const auto& m) { return m.name == name; });
  return found != metrics.end() ? &*found : nullptr;
}

std::optional<double> bound_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double bound = 0;
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), bound);
  if (failure != std::errc{} || end != text.end() || std::isnan(bound)) return std::nullopt;
  return bound;
}

/// Puts samples into the rows they belong to.
class Collection {
 public:
  /// Returns what is wrong with the sample; empty if nothing is.
  [[nodiscard]] std::string take(const Sample& sample) {
    std::string_view name = sample.name;
    if (!name.starts_with(kPrefix)) return {};
    name.remove_prefix(kPrefix.size());
    found_any_ = true;
    if (const auto* const metric = find_in(kBusMetrics, name)) {
      return take(sample, [&](BusReading& bus) { return &(bus.*metric->count); });
    }
    if (const auto* const metric = find_in(kSubscriberMetrics, name)) {
      return take_for_subscriber(sample, metric->count);
    }
    if (const auto* const metric = find_in(kHistogramMetrics, name)) {
      return take_bucket(sample, metric->histogram);
    }
    if (name == "closed") {
      return take_flag(sample, [](BusReading& bus) { return &bus.closed; });
    }
    if (name == "subscriber_lagging") return take_lagging(sample);
    const std::string* const result = sample.label("result");
    if (name == "notifications_total" && result != nullptr && *result == "sent") {
      return take(sample, [](BusReading& bus) { return &bus.notifications; });
    }
    return {};
  }

  [[nodiscard]] bool found_any() const { return found_any_; }
  [[nodiscard]] watch::Reading reading() && {
    for (BusReading& bus : buses_) {
      std::ranges::sort(bus.publish_ns, {}, &watch::Bucket::bound);
      std::ranges::sort(bus.end_to_end_ns, {}, &watch::Bucket::bound);
    }
    return std::move(buses_);
  }

 private:
  template <class Place>
  [[nodiscard]] std::string take(const Sample& sample, Place place_of) {
    std::uint64_t count = 0;
    if (auto wrong = read_count(sample, count); !wrong.empty()) return wrong;
    BusReading* const bus = bus_of(sample);
    if (bus == nullptr) return lacks(sample, "bus");
    *place_of(*bus) = count;
    return note(sample, "");
  }

  [[nodiscard]] std::string take_for_subscriber(const Sample& sample,
                                                std::uint64_t SubscriberReading::* place) {
    std::uint64_t count = 0;
    if (auto wrong = read_count(sample, count); !wrong.empty()) return wrong;
    SubscriberReading* subscriber = nullptr;
    if (auto wrong = find_subscriber(sample, subscriber); !wrong.empty()) return wrong;
    subscriber->*place = count;
    // Only who is there is behind.
    if (place == &SubscriberReading::behind) subscriber->present = true;
    return {};
  }

  template <class Place>
  [[nodiscard]] std::string take_flag(const Sample& sample, Place place_of) {
    BusReading* const bus = bus_of(sample);
    if (bus == nullptr) return lacks(sample, "bus");
    *place_of(*bus) = sample.value != 0;
    return note(sample, "");
  }

  [[nodiscard]] std::string take_lagging(const Sample& sample) {
    SubscriberReading* subscriber = nullptr;
    if (auto wrong = find_subscriber(sample, subscriber); !wrong.empty()) return wrong;
    subscriber->lagging = sample.value != 0;
    return {};
  }

  [[nodiscard]] std::string take_bucket(const Sample& sample,
                                        watch::Histogram BusReading::* histogram) {
    watch::Bucket bucket;
    if (auto wrong = read_count(sample, bucket.count); !wrong.empty()) return wrong;
    BusReading* const bus = bus_of(sample);
    if (bus == nullptr) return lacks(sample, "bus");
    const std::string* const text = sample.label("le");
    if (text == nullptr) return lacks(sample, "le");
    const auto bound = bound_in(*text);
    if (!bound) return fmt::format("the label le of {} is no number", sample.name);
    bucket.bound = *bound;
    (bus->*histogram).push_back(bucket);
    return note(sample, *text);
  }

  [[nodiscard]] static std::string read_count(const Sample& sample, std::uint64_t& count) {
    constexpr double kTooMany = 18446744073709551616.0;  // 2^64
    const double value = sample.value;
    const bool is_count = value >= 0 && value < kTooMany && value == std::floor(value);
    if (!is_count) {
      return fmt::format("{} is {}, which is no count", sample.name, value);
    }
    count = static_cast<std::uint64_t>(value);
    return {};
  }

  [[nodiscard]] static std::string lacks(const Sample& sample, std::string_view label) {
    return fmt::format("{} has no label {}", sample.name, label);
  }

  /// The row of the bus that the sample is of; nullptr if it does not say.
  [[nodiscard]] BusReading* bus_of(const Sample& sample) {
    const std::string* const name = sample.label("bus");
    if (name == nullptr) return nullptr;
    const std::string* const mode = sample.label("mode");
    const auto [found, is_new] =
        bus_rows_.try_emplace({*name, mode != nullptr ? *mode : ""}, buses_.size());
    if (is_new) {
      BusReading& bus = buses_.emplace_back();
      bus.name = found->first.first;
      bus.mode = found->first.second;
    }
    return &buses_[found->second];
  }

  [[nodiscard]] std::string find_subscriber(const Sample& sample, SubscriberReading*& row) {
    BusReading* const bus = bus_of(sample);
    if (bus == nullptr) return lacks(sample, "bus");
    const std::string* const name = sample.label("subscriber");
    if (name == nullptr) return lacks(sample, "subscriber");
    const auto number = static_cast<std::size_t>(bus - buses_.data());
    const auto [found, is_new] =
        subscriber_rows_.try_emplace({number, *name}, bus->subscribers.size());
    if (is_new) {
      SubscriberReading& subscriber = bus->subscribers.emplace_back();
      subscriber.name = *name;
      subscriber.present = false;
    }
    row = &bus->subscribers[found->second];
    return note(sample, *name);
  }

  /// That the sample was taken; what is wrong if one like it was before. `detail` tells samples of
  /// one metric and bus apart.
  [[nodiscard]] std::string note(const Sample& sample, std::string_view detail) {
    const auto bus = static_cast<std::size_t>(bus_of(sample) - buses_.data());
    const auto [found, is_new] =
        lines_.try_emplace({sample.name, bus, std::string{detail}}, sample.line);
    if (is_new) return {};
    return fmt::format("{} repeats what line {} said", sample.name, found->second);
  }

  watch::Reading buses_;
  std::map<std::pair<std::string, std::string>, std::size_t> bus_rows_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> subscriber_rows_;
  std::map<std::tuple<std::string_view, std::size_t, std::string>, std::size_t> lines_;
  bool found_any_ = false;
};

}  // namespace

std::expected<watch::Reading, std::string> buses_in(std::span<const Sample> samples) {
  Collection collection;
  for (const Sample& sample : samples) {
    const std::string wrong = collection.take(sample);
    if (!wrong.empty()) return Wrong{fmt::format("line {}: {}", sample.line, wrong)};
  }
  if (!collection.found_any()) return Wrong{"there are no metrics of ron-bus (ron_bus_...)"};
  return std::move(collection).reading();
}

std::expected<watch::Reading, std::string> reading_of(std::string_view text) {
  const auto samples = samples_in(text);
  if (!samples) return Wrong{samples.error()};
  return buses_in(*samples);
}

}  // namespace ron::cli::top
