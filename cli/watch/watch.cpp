// SPDX-License-Identifier: MIT OR Apache-2.0
#include "watch.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace ron::cli::watch {
namespace {

/// What subscribers count, or the sum over several of them.
struct Counts {
  std::uint64_t received = 0;
  std::uint64_t missed = 0;

  void add(const SubscriberReading& subscriber) {
    received += subscriber.received;
    missed += subscriber.missed;
  }
  [[nodiscard]] bool is_below(const Counts& other) const {
    return received < other.received || missed < other.missed;
  }
};

Counts counts_of(const SubscriberReading& subscriber) {
  return {.received = subscriber.received, .missed = subscriber.missed};
}

Counts sum_of(const BusReading& bus) {
  Counts sum;
  for (const SubscriberReading& subscriber : bus.subscribers) sum.add(subscriber);
  return sum;
}

double per_second(std::uint64_t now, std::uint64_t before, double seconds) {
  return static_cast<double>(now - std::min(now, before)) / seconds;
}

Rates rates_of(const Counts& now, const Counts& before, double seconds) {
  return {.received = per_second(now.received, before.received, seconds),
          .missed = per_second(now.missed, before.missed, seconds)};
}

double share_of(std::uint64_t behind, std::uint64_t capacity) {
  if (capacity == 0) return 0;
  return std::min(1.0, static_cast<double>(behind) / static_cast<double>(capacity));
}

void note(History& history, Moment moment) {
  if (history.size() == Watch::kMoments) history.pop_front();
  history.push_back(moment);
}

/// Whether the counts of a bus are those of another one with the same name.
bool is_anew(const BusReading& now, const BusReading& before) {
  return now.published < before.published || now.refused < before.refused ||
         now.unheard < before.unheard || sum_of(now).is_below(sum_of(before));
}

/// Where this share of what was observed between two readings ends, linear within a bucket.
double quantile(const std::vector<double>& counts, const Histogram& bounds, double share) {
  double total = 0;
  for (const double count : counts) total += count;
  const double rank = share * total;
  double below = 0;
  double bound = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0 && below + counts[i] >= rank) {
      if (!std::isfinite(bounds[i].bound)) return bound;
      return bound + (bounds[i].bound - bound) * (rank - below) / counts[i];
    }
    below += counts[i];
    bound = bounds[i].bound;
  }
  return bound;
}

std::optional<Latency> latency_of(const Histogram& now, const Histogram& before) {
  std::vector<double> counts;
  std::uint64_t below = 0;
  std::uint64_t total = 0;
  for (const Bucket& bucket : now) {
    const auto same = std::ranges::find(before, bucket.bound, &Bucket::bound);
    const std::uint64_t earlier = same != before.end() ? same->count : 0;
    const std::uint64_t up_to = bucket.count - std::min(bucket.count, earlier);
    counts.push_back(static_cast<double>(up_to - std::min(up_to, below)));
    below = std::max(below, up_to);
    total = up_to;
  }
  if (total == 0) return std::nullopt;
  return Latency{.p50 = quantile(counts, now, 0.5), .p99 = quantile(counts, now, 0.99)};
}

// Rates are known only where `seconds` since the reading before are above 0.

WatchedSubscriber watched(const SubscriberReading& now, const WatchedSubscriber* before,
                          double seconds, std::uint64_t capacity) {
  WatchedSubscriber result{.now = now, .rates = {}, .history = {}};
  bool lost = false;
  if (before != nullptr) result.history = before->history;
  if (seconds > 0) {
    const Counts earlier = before != nullptr ? counts_of(before->now) : Counts{};
    result.rates = rates_of(counts_of(now), earlier, seconds);
    lost = *result.rates.missed > 0;
  }
  note(result.history, {.share = share_of(now.behind, capacity), .lost = lost});
  return result;
}

WatchedBus watched(const BusReading& now, const WatchedBus* before, double seconds) {
  WatchedBus result;
  result.now = now;
  bool lost = false;
  if (before != nullptr) result.history = before->history;
  if (before != nullptr && seconds > 0) {
    const BusReading& last = before->now;
    result.published_rate = per_second(now.published, last.published, seconds);
    result.notifications_rate = per_second(now.notifications, last.notifications, seconds);
    result.rates = rates_of(sum_of(now), sum_of(last), seconds);
    result.publish = latency_of(now.publish_ns, last.publish_ns);
    result.end_to_end = latency_of(now.end_to_end_ns, last.end_to_end_ns);
    lost = *result.rates.missed > 0;
  }
  note(result.history, {.share = share_of(now.depth, now.capacity), .lost = lost});
  std::map<std::string_view, const WatchedSubscriber*> earlier;
  if (before != nullptr) {
    for (const WatchedSubscriber& subscriber : before->subscribers) {
      earlier.emplace(subscriber.now.name, &subscriber);
    }
  }
  // Whoever is new on a bus that was there came since the reading before, and counts from 0.
  const double since = before != nullptr ? seconds : 0;
  for (const SubscriberReading& subscriber : now.subscribers) {
    const auto found = earlier.find(subscriber.name);
    result.subscribers.push_back(
        watched(subscriber, found != earlier.end() ? found->second : nullptr, since, now.capacity));
  }
  return result;
}

template <class Count>
std::uint64_t sum_over(const WatchedBus& bus, Count SubscriberReading::* count) {
  std::uint64_t sum = 0;
  for (const SubscriberReading& subscriber : bus.now.subscribers) sum += subscriber.*count;
  return sum;
}

}  // namespace

std::uint64_t WatchedBus::received() const { return sum_over(*this, &SubscriberReading::received); }
std::uint64_t WatchedBus::missed() const { return sum_over(*this, &SubscriberReading::missed); }
std::uint64_t WatchedBus::filtered() const { return sum_over(*this, &SubscriberReading::filtered); }

void Watch::take(const Reading& reading, Clock::time_point at) {
  double seconds = 0;
  if (taken_at_) {
    seconds = std::max(std::chrono::duration<double>{at - *taken_at_}.count(), 1e-6);
  }
  taken_at_ = at;
  std::vector<WatchedBus> buses;
  bool restarted = false;
  for (const BusReading& bus : reading) {
    const auto before = std::ranges::find_if(buses_, [&](const WatchedBus& other) {
      return other.now.name == bus.name && other.now.mode == bus.mode;
    });
    if (before == buses_.end()) {
      buses.push_back(watched(bus, nullptr, seconds));
      continue;
    }
    const bool anew = is_anew(bus, before->now);
    restarted = restarted || anew;
    buses.push_back(watched(bus, &*before, anew ? 0 : seconds));
  }
  buses_ = std::move(buses);
  restarts_ += restarted ? 1 : 0;
}

}  // namespace ron::cli::watch
