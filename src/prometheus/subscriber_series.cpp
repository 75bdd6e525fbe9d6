// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/subscriber_series.hpp"

#include <algorithm>
#include <utility>

#include "src/prometheus/label_value.hpp"

namespace ron::prometheus {

namespace {

template <class Counted>
SubscriberCounts counts_of(const Counted& from) {
  SubscriberCounts counts{};
  counts[Received] = from.received;
  counts[Filtered] = from.filtered;
  counts[Missed] = from.missed;
  counts[Lags] = from.lags;
  counts[Episodes] = from.episodes;
  counts[Wakeups] = from.wakeups;
  return counts;
}

void add(std::optional<PresentSubscribers>& group, const SubscriberInfo& info) {
  PresentSubscribers& all = group ? *group : group.emplace();
  all.behind = std::max(all.behind, info.behind);
  all.most_behind = std::max(all.most_behind, info.most_behind);
  all.lagging += info.is_lagging() ? 1U : 0U;
  if (info.distance.empty()) return;
  auto& [median, high] = all.distances ? *all.distances : all.distances.emplace();
  median = std::max(median, info.distance.quantile(0.5));
  high = std::max(high, info.distance.quantile(0.99));
}

}  // namespace

/// The label of a subscriber that was not there before; the end if it has none of its own.
SubscriberLabels::Labels::iterator SubscriberLabels::label_of(const SubscriberInfo& info) {
  std::string name = label_value(info.name, kUnnamedSubscriber);
  if (name == kOtherSubscribers) return labels_.end();
  if (const auto label = labels_.find(name); label != labels_.end()) return label;
  if (labels_.size() >= limit_) return labels_.end();
  return labels_.try_emplace(std::move(name)).first;
}

std::vector<SubscriberSeries> SubscriberLabels::update(const BusSnapshot& snapshot) {
  std::map<std::uint64_t, Seen> present;
  std::map<std::string_view, std::optional<PresentSubscribers>> groups;
  for (const SubscriberInfo& info : snapshot.subscribers) {
    const auto before = seen_.find(info.id);
    Seen seen = before == seen_.end() ? Seen{label_of(info), {}} : before->second;
    const bool has_label = seen.label != labels_.end();
    add(groups[has_label ? std::string_view{seen.label->first} : kOtherSubscribers], info);
    SubscriberCounts& sum = has_label ? seen.label->second : seen_of_others_;
    const SubscriberCounts now = counts_of(info);
    for (std::size_t i = 0; i < kSubscriberCounts; ++i) {
      const std::uint64_t most = std::max(seen.counts[i], now[i]);
      sum[i] += most - std::exchange(seen.counts[i], most);
    }
    present.emplace(info.id, seen);
  }
  seen_ = std::move(present);

  std::vector<SubscriberSeries> all;
  SubscriberCounts other = counts_of(snapshot);
  for (const auto& [name, counts] : labels_) {
    for (std::size_t i = 0; i < kSubscriberCounts; ++i) other[i] -= std::min(other[i], counts[i]);
    all.push_back({name, counts, groups[name]});
  }
  other[Wakeups] = seen_of_others_[Wakeups];
  for (std::size_t i = 0; i < kSubscriberCounts; ++i) other_[i] = std::max(other_[i], other[i]);
  const auto others = groups.find(kOtherSubscribers);
  has_other_ = has_other_ || others != groups.end() || other_ != SubscriberCounts{};
  if (has_other_) {
    all.push_back({std::string{kOtherSubscribers}, other_,
                   others == groups.end() ? std::nullopt : others->second});
  }
  return all;
}

}  // namespace ron::prometheus
