// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What others may see of a subscriber: a record of its own, in a list of the bus. The subscriber
// writes it, a plain store after each receive; whoever wants to know reads it. Nobody waits.
//
// Others may sleep until the subscriber has come to some sequence. They tell it in the record, in
// the word that it compares its cursor with (see progress.hpp):
//
//     cursor    next sequence that the subscriber reads; kNobody while the record is free
//     wake_at   the first cursor at which somebody wants to be woken, or kNever. If the subscriber
//               must run a fence of its own before it looks there, the word stands for ever at 0:
//               the fence is on the way to `target`, which then has its place
//
// A record is used by one subscriber after another. `generation` changes between them, before
// anything else does, so that whoever reads it first and last knows that all he read is of one.
//
// What its former users received and lost is added up in `past`, after the last of them is not to
// be seen any more: whoever reads `past` first and then the counts of now counts nothing twice.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <tuple>

#include "ronbus/flavor/histogram.hpp"
#include "ronbus/flavor/lag_log.hpp"
#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/cache_line.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron::flavor {

class Subscriptions;

/// What one or more subscribers did.
struct Tally {
  std::uint64_t received = 0;
  std::uint64_t filtered = 0;
  std::uint64_t missed = 0;
  std::uint64_t lags = 0;
  std::uint64_t episodes = 0;
};

class alignas(sync::kCacheLine) Subscription : public kernel::RegistryEntry<Subscription> {
 public:
  static constexpr kernel::Sequence kNobody = std::numeric_limits<kernel::Sequence>::max();
  static constexpr kernel::Sequence kNever = kNobody;

  /// `fenced`: the subscriber runs a fence between cursor and target.
  Subscription(Subscriptions& list, bool gating, bool fenced) noexcept
      : wake_at_{fenced ? 0 : kNever},
        list_{list},
        target_{kNever},
        gating_{gating},
        fenced_{fenced} {}
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription() { delete distances_.load(std::memory_order_relaxed); }

  [[nodiscard]] bool gating() const noexcept { return gating_; }

  // For the subscriber.

  /// Before `start`, by whoever claimed the record.
  void rename(std::string_view name, std::uint64_t id) noexcept {
    // release, here and below: who sees any of it sees that the generation is another one.
    generation_.store(generation_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    NameWords words{};
    std::memcpy(words.data(), name.data(), std::min(name.size(), sizeof words));
    for (std::size_t i = 0; i < words.size(); ++i) {
      name_[i].store(words[i], std::memory_order_release);
    }
    owner_.id.store(id, std::memory_order_release);
    missed_.store(0, std::memory_order_release);
    filtered_.store(0, std::memory_order_release);
    lags_.store(0, std::memory_order_release);
    owner_.wakeups.store(0, std::memory_order_release);
    lag_log_.begin();
    target().store(kNever, std::memory_order_release);
  }

  /// From here on others see it.
  void start(kernel::Sequence at) noexcept {
    start_.store(at, std::memory_order_release);
    cursor_.store(at, std::memory_order_release);
  }

  /// After everything before `next` was read.
  [[gnu::always_inline]] void show(kernel::Sequence next) noexcept;

  void show_filtered(std::uint64_t filtered) noexcept {
    filtered_.store(filtered, std::memory_order_release);
  }
  void show_lag(std::uint64_t missed) noexcept {
    missed_.store(missed, std::memory_order_release);
    lags_.store(lags_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  [[nodiscard]] LagLog& lag_log() noexcept { return lag_log_; }
  /// For its waiters, which count there.
  [[nodiscard]] wait::Owner& owner() noexcept { return owner_; }

  /// Before the first `show_distance`. False if there is no memory.
  [[nodiscard]] bool measure_distances() noexcept {
    Histogram* distances = distances_.load(std::memory_order_relaxed);
    if (distances == nullptr) {
      distances = new (std::nothrow) Histogram;
      distances_.store(distances, std::memory_order_release);  // pairs with distance()
    } else {
      distances->clear();
    }
    return distances != nullptr;
  }
  /// A sample of how far behind it was.
  void show_distance(std::uint64_t messages) noexcept {
    distances_.load(std::memory_order_relaxed)->record(messages);
    lag_log_.was_behind(messages);
  }

  /// Adds to `past` what the subscriber did, which had read up to `cursor` and is not to be seen
  /// any more.
  void retire(kernel::Sequence cursor) noexcept {
    const Tally mine = tally_at(cursor);
    const auto add = [](sync::Atomic<std::uint64_t>& sum, std::uint64_t count) {
      sum.store(sum.load(std::memory_order_relaxed) + count, std::memory_order_release);
    };
    add(past_received_, mine.received);
    add(past_filtered_, mine.filtered);
    add(past_missed_, mine.missed);
    add(past_lags_, mine.lags);
    add(past_episodes_, mine.episodes);
    lag_log_.retire(name_words(), mine.missed);
  }

  /// D1, for who waits: asks to be woken when the cursor is at `sequence` or beyond. True if that
  /// was not asked for before.
  bool want(kernel::Sequence sequence) noexcept {
    kernel::Sequence seen = target().load(std::memory_order_relaxed);
    while (sequence < seen) {
      if (target().compare_exchange(seen, sequence, std::memory_order_seq_cst,
                                    std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  // For everybody. All loads are acquire, which makes the last look at the generation the last.

  [[nodiscard]] std::uint32_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }
  [[nodiscard]] kernel::Sequence cursor() const noexcept {
    // acquire: also, what the subscriber read was read before; pairs with the release in show().
    return cursor_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t id() const noexcept {
    return owner_.id.load(std::memory_order_acquire);
  }
  [[nodiscard]] kernel::Sequence started_at() const noexcept {
    return start_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t missed() const noexcept {
    return missed_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t filtered() const noexcept {
    return filtered_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t lags() const noexcept {
    return lags_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t wakeups() const noexcept {
    return owner_.wakeups.load(std::memory_order_acquire);
  }
  [[nodiscard]] const LagLog& lag_log() const noexcept { return lag_log_; }
  [[nodiscard]] Distribution distance() const {
    const Histogram* const distances = distances_.load(std::memory_order_acquire);
    return distances == nullptr ? Distribution{} : distances->distribution();
  }

  /// What the subscriber has done at `cursor`. The counts move on before the cursor does, and are
  /// read after it: at no time is more received than was.
  [[nodiscard]] Tally tally_at(kernel::Sequence cursor) const noexcept {
    const std::uint64_t passed = cursor - started_at();
    Tally tally{.filtered = filtered(),
                .missed = missed(),
                .lags = lags(),
                .episodes = lag_log_.episodes()};
    tally.received = passed - std::min(passed, tally.missed + tally.filtered);
    return tally;
  }
  /// What all users of this record did, as far as it can be told: at most what is true, and that if
  /// nobody changes anything meanwhile.
  [[nodiscard]] Tally total() const noexcept {
    Tally total{.received = past_received_.load(std::memory_order_acquire),
                .filtered = past_filtered_.load(std::memory_order_acquire),
                .missed = past_missed_.load(std::memory_order_acquire),
                .lags = past_lags_.load(std::memory_order_acquire),
                .episodes = past_episodes_.load(std::memory_order_acquire)};
    const std::uint32_t now = generation();
    const kernel::Sequence at = cursor();
    if (at == kNobody) return total;
    const Tally mine = tally_at(at);
    if (generation() != now) return total;
    total.received += mine.received;
    total.filtered += mine.filtered;
    total.missed += mine.missed;
    total.lags += mine.lags;
    total.episodes += mine.episodes;
    return total;
  }

  [[nodiscard]] std::string name() const { return text_of(name_words()); }
  /// The same, for those who read the memory of this process from outside.
  [[nodiscard]] const void* name_letters() const noexcept { return name_.data(); }
  [[nodiscard]] static std::string text_of(const NameWords& words) {
    std::array<char, sizeof words> letters{};
    std::memcpy(letters.data(), words.data(), sizeof words);
    return {letters.begin(), std::ranges::find(letters, '\0')};
  }

 private:
  friend class Subscriptions;

  [[nodiscard]] NameWords name_words() const noexcept {
    NameWords words{};
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] = name_[i].load(std::memory_order_acquire);
    return words;
  }

  /// Where others leave their target.
  [[nodiscard]] sync::Atomic<kernel::Sequence>& target() noexcept {
    return fenced_ ? target_ : wake_at_;
  }

  sync::Atomic<kernel::Sequence> cursor_{kNobody};
  sync::Atomic<kernel::Sequence> wake_at_;
  Subscriptions& list_;
  sync::Atomic<std::uint64_t> missed_{0};
  sync::Atomic<std::uint64_t> filtered_{0};
  sync::Atomic<std::uint64_t> lags_{0};
  // On another line than what the subscriber writes after each receive.
  sync::Atomic<kernel::Sequence> start_{0};
  sync::Atomic<kernel::Sequence> target_;
  sync::Atomic<std::uint32_t> generation_{0};
  const bool gating_;
  const bool fenced_;
  std::array<sync::Atomic<std::uint64_t>, std::tuple_size_v<NameWords>> name_;
  wait::Owner owner_;
  sync::Atomic<std::uint64_t> past_received_{0};
  sync::Atomic<std::uint64_t> past_filtered_{0};
  sync::Atomic<std::uint64_t> past_missed_{0};
  sync::Atomic<std::uint64_t> past_lags_{0};
  sync::Atomic<std::uint64_t> past_episodes_{0};
  LagLog lag_log_;
  sync::Atomic<Histogram*> distances_{nullptr};  ///< owned; if its bus measures
};

}  // namespace ron::flavor
