// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/flavor/subscriptions.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace ron::flavor {
namespace {

/// One life of a record.
struct Awaited {
  Subscription* record = nullptr;
  std::uint32_t generation = 0;

  /// Messages before `target` that the subscriber has not read; 0 also if it has gone.
  [[nodiscard]] std::uint64_t left(kernel::Sequence target) const noexcept {
    const kernel::Sequence cursor = record->cursor();
    return cursor < target && record->generation() == generation ? target - cursor : 0;
  }
};

}  // namespace

std::vector<SubscriberInfo> Subscriptions::infos(std::size_t capacity) const {
  std::vector<SubscriberInfo> all;
  for_each([&](const Subscription& record) {
    const std::uint32_t generation = record.generation();
    SubscriberInfo info;
    // First: a cursor that is there was set after all else was, in the same generation.
    info.next_sequence = record.cursor();
    info.id = record.id();
    info.name = record.name();
    info.gating = record.gating();
    const Tally tally = record.tally_at(info.next_sequence);
    LagLog::Reading lags = record.lag_log().read(info.next_sequence, capacity);
    // Counts move on before the cursor: it has come at least as far as they say.
    const kernel::Sequence counted = record.started_at() + tally.missed + tally.filtered;
    info.wakeups = record.wakeups();
    info.distance = record.distance();
    if (info.next_sequence == Subscription::kNobody || record.generation() != generation) return;
    info.next_sequence = std::max(info.next_sequence, counted);
    info.received = tally.received;
    info.filtered = tally.filtered;
    info.missed = tally.missed;
    info.lags = tally.lags;
    info.episodes = lags.episodes;
    info.most_behind = lags.most_behind;
    info.episode = lags.last;
    all.push_back(std::move(info));
  });
  return all;
}

void Subscriptions::describe(BusSnapshot& snapshot) {
  Tally sum;
  for_each([&sum](const Subscription& record) {
    const Tally each = record.total();
    sum.received += each.received;
    sum.filtered += each.filtered;
    sum.missed += each.missed;
    sum.lags += each.lags;
    sum.episodes += each.episodes;
  });
  snapshot.received = received_.at_least(sum.received);
  snapshot.filtered = filtered_.at_least(sum.filtered);
  snapshot.missed = missed_.at_least(sum.missed);
  snapshot.lags = lags_.at_least(sum.lags);
  snapshot.episodes = episodes_.at_least(sum.episodes);
  snapshot.subscribers = infos(snapshot.capacity);

  LagLog::Loss worst;
  for_each([&worst](const Subscription& record) {
    const LagLog::Loss each = record.lag_log().read(0, 1).worst;
    if (each.missed > worst.missed) worst = each;
  });
  for (const SubscriberInfo& each : snapshot.subscribers) {
    if (each.missed <= worst.missed) continue;
    worst.missed = each.missed;
    snapshot.worst = {.name = each.name, .missed = each.missed, .most_behind = each.most_behind};
  }
  if (!snapshot.worst && worst.missed > 0) {
    snapshot.worst = {.name = Subscription::text_of(worst.name),
                      .missed = worst.missed,
                      .most_behind = worst.most_behind};
  }
}

std::vector<Undrained> Subscriptions::drain(kernel::Sequence target,
                                            const std::function<void()>& rouse,
                                            const wait::Deadline& deadline,
                                            const std::stop_token& stop) {
  std::vector<Awaited> awaited;
  const auto forget_those_done = [&] {
    std::erase_if(awaited, [&](const Awaited& each) { return each.left(target) == 0; });
    return awaited.empty();
  };
  for_each([&](Subscription& record) { awaited.push_back({&record, record.generation()}); });
  if (forget_those_done()) return {};

  rouse();
  const auto ask = [&] {
    bool changed = false;
    for (const Awaited& each : awaited) changed |= each.record->want(target);
    return changed;
  };
  std::optional<std::chrono::nanoseconds> nap;
  if (progress_.fence().kind() == sync::FenceKind::SeqCst) nap = std::chrono::milliseconds{1};
  const auto status = progress_.wait(ask, forget_those_done, nap, deadline, stop);
  if (status == wait::WaitStatus::Ready) return {};
  std::vector<Undrained> behind;
  for (const Awaited& each : awaited) {
    std::string name = each.record->name();
    const std::uint64_t left = each.left(target);
    if (left > 0) behind.push_back({.name = std::move(name), .left = left});
  }
  return behind;
}

}  // namespace ron::flavor
