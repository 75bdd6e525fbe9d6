// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The records of all subscribers of a bus, and those who look at them: publishers that respect
// gating subscribers, drains, diagnostics. Gating ones have a list of their own, so that publishers
// walk along no others.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "ronbus/flavor/gates.hpp"
#include "ronbus/flavor/highest.hpp"
#include "ronbus/flavor/progress.hpp"
#include "ronbus/flavor/subscription.hpp"
#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/snapshot.hpp"
#include "ronbus/subscriber_info.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/fence.hpp"
#include "ronbus/wait/futex.hpp"
#include "ronbus/wait/wait_strategy.hpp"

namespace ron::flavor {

class Subscriptions {
 public:
  explicit Subscriptions(sync::FenceKind kind) noexcept : progress_{kind} {}

  // For subscribers.

  /// A record that nobody sees yet. nullptr if there is no memory.
  [[nodiscard]] Subscription* claim(bool gating, std::string_view name) noexcept {
    // Without membarrier gating subscribers run fences; lossy ones do not, and drains look again.
    const bool fenced = gating && progress_.fence().kind() == sync::FenceKind::SeqCst;
    Subscription* const record = list(gating).claim(*this, gating, fenced);
    // relaxed: a number that nobody else has, no more.
    if (record != nullptr) record->rename(name, ids_.fetch_add(1, std::memory_order_relaxed));
    return record;
  }

  /// From here on others see the record, with what `start_of()` answers, as told in Gates.
  template <class StartFn>
  kernel::Sequence join(Subscription& record, const StartFn& start_of) noexcept {
    if (record.gating()) return gates_.join(record, start_of);
    const kernel::Sequence start = start_of();
    record.start(start);
    return start;
  }

  /// From here on nobody sees it or waits for it.
  void leave(Subscription& record) noexcept {
    const kernel::Sequence cursor = record.cursor();
    record.show(Subscription::kNobody);
    record.retire(cursor);
  }

  /// Gives the record back, after `leave` or instead of `join`.
  void release(Subscription& record) noexcept { list(record.gating()).release(record); }

  /// M2 and what follows, for a subscriber that moved its cursor to `next` and found wake_at
  /// there or before.
  [[gnu::noinline]] void attend(Subscription& record, kernel::Sequence next) noexcept {
    progress_.fence().light();
    sync::Atomic<kernel::Sequence>& word = record.target();
    const kernel::Sequence target = word.load(std::memory_order_relaxed);
    if (next >= target && target != Subscription::kNever) progress_.reached(word, target);
  }

  // For publishers that respect gating subscribers.

  /// The first sequence that a publisher at `tail` must not publish yet.
  [[nodiscard]] kernel::Sequence limit(kernel::Sequence tail, std::size_t capacity) const noexcept {
    return gates_.limit(tail, capacity);
  }

  /// Waits until no gating subscriber is before `sequence`, or for another reason `has_room()` is
  /// true, the deadline has passed or `stop` is requested; looks in this order. Spins briefly, then
  /// sleeps.
  template <class ReadyFn>
  [[nodiscard]] wait::WaitStatus wait_for_room(kernel::Sequence sequence, const ReadyFn& has_room,
                                               const wait::Deadline& deadline,
                                               const std::stop_token& stop) {
    if (wait::spin(has_room)) return wait::WaitStatus::Ready;
    const auto ask = [&] {
      bool changed = false;
      gates_.for_each([&](Subscription& record) {
        if (record.cursor() < sequence && record.want(sequence)) changed = true;
      });
      return changed;
    };
    return progress_.wait(ask, has_room, std::nullopt, deadline, stop);
  }

  /// After the bus was closed.
  void notify() noexcept { progress_.notify(); }

  // For everybody.

  /// Everybody who is subscribed now; how far behind is for the caller to say, by a tail that it
  /// reads afterwards. Allocates.
  [[nodiscard]] std::vector<SubscriberInfo> infos(std::size_t capacity) const;

  /// Says what all subscribers did, those that are gone included, and who is there. Allocates.
  void describe(BusSnapshot& snapshot);

  /// Waits until everybody who is subscribed now has read what is before `target`, the deadline has
  /// passed or `stop` is requested. Returns those who have not. Before it sleeps it calls `rouse`,
  /// for those of them who sleep until something comes that they want. Allocates.
  [[nodiscard]] std::vector<Undrained> drain(kernel::Sequence target,
                                             const std::function<void()>& rouse,
                                             const wait::Deadline& deadline,
                                             const std::stop_token& stop);

 private:
  [[nodiscard]] kernel::Registry<Subscription>& list(bool gating) noexcept {
    return gating ? gates_.records() : lossy_;
  }

  template <class Function>
  void for_each(const Function& function) const {
    gates_.for_each(function);
    for (Subscription* record = lossy_.first(); record != nullptr; record = record->next_entry()) {
      function(*record);
    }
  }

  kernel::Registry<Subscription> lossy_;
  sync::Atomic<std::uint64_t> ids_{0};  ///< of the next subscriber
  Gates gates_;
  Progress progress_;
  // Of all: while somebody leaves, what it did is nowhere for a moment.
  Highest received_;
  Highest filtered_;
  Highest missed_;
  Highest lags_;
  Highest episodes_;
};

inline void Subscription::show(kernel::Sequence next) noexcept {
  // release: what was read is read before a publisher overwrites it.
  cursor_.store(next, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  // relaxed: ordered against who waits by the asymmetric fence, if at all; where the light half is
  // a real one, wake_at is 0.
  if (next >= wake_at_.load(std::memory_order_relaxed)) [[unlikely]]
    list_.attend(*this, next);
}

}  // namespace ron::flavor
