// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/flavor/subscriptions.hpp"

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

std::vector<SubscriberInfo> Subscriptions::infos() const {
  std::vector<SubscriberInfo> all;
  for_each([&all](const Subscription& record) {
    const std::uint32_t generation = record.generation();
    SubscriberInfo info;
    info.name = record.name();
    info.gating = record.gating();
    // The counts are shown after the cursor, and so they are read before it: together they never
    // exceed it.
    info.filtered = record.filtered();
    info.missed = record.missed();
    info.lags = record.lags();
    const kernel::Sequence start = record.started_at();
    info.next_sequence = record.cursor();
    if (info.next_sequence == Subscription::kNobody || record.generation() != generation) return;
    info.received = info.next_sequence - start - info.missed - info.filtered;
    all.push_back(std::move(info));
  });
  return all;
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
