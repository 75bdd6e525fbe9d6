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
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/cache_line.hpp"

namespace ron::flavor {

class Subscriptions;

class alignas(sync::kCacheLine) Subscription : public kernel::RegistryEntry<Subscription> {
 public:
  static constexpr kernel::Sequence kNobody = std::numeric_limits<kernel::Sequence>::max();
  static constexpr kernel::Sequence kNever = kNobody;

  /// `fenced`: the subscriber runs a fence between cursor and target.
  Subscription(Subscriptions& owner, bool gating, bool fenced) noexcept
      : wake_at_{fenced ? 0 : kNever},
        owner_{owner},
        target_{kNever},
        gating_{gating},
        fenced_{fenced} {}

  [[nodiscard]] bool gating() const noexcept { return gating_; }

  // For the subscriber.

  /// Before `start`, by whoever claimed the record.
  void rename(std::string_view name) noexcept {
    // release, here and below: who sees any of it sees that the generation is another one.
    generation_.store(generation_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    std::array<std::uint64_t, kNameWords> words{};
    std::memcpy(words.data(), name.data(), std::min(name.size(), sizeof words));
    for (std::size_t i = 0; i < kNameWords; ++i) {
      name_[i].store(words[i], std::memory_order_release);
    }
    missed_.store(0, std::memory_order_release);
    filtered_.store(0, std::memory_order_release);
    lags_.store(0, std::memory_order_release);
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
  [[nodiscard]] std::string name() const {
    std::array<std::uint64_t, kNameWords> words{};
    for (std::size_t i = 0; i < kNameWords; ++i)
      words[i] = name_[i].load(std::memory_order_acquire);
    std::array<char, sizeof words> letters{};
    std::memcpy(letters.data(), words.data(), sizeof words);
    return {letters.begin(), std::ranges::find(letters, '\0')};
  }

 private:
  friend class Subscriptions;
  static constexpr std::size_t kNameWords = 5;

  /// Where others leave their target.
  [[nodiscard]] sync::Atomic<kernel::Sequence>& target() noexcept {
    return fenced_ ? target_ : wake_at_;
  }

  sync::Atomic<kernel::Sequence> cursor_{kNobody};
  sync::Atomic<kernel::Sequence> wake_at_;
  Subscriptions& owner_;
  sync::Atomic<std::uint64_t> missed_{0};
  sync::Atomic<std::uint64_t> filtered_{0};
  sync::Atomic<std::uint64_t> lags_{0};
  // On another line than what the subscriber writes after each receive.
  sync::Atomic<kernel::Sequence> start_{0};
  sync::Atomic<kernel::Sequence> target_;
  sync::Atomic<std::uint32_t> generation_{0};
  const bool gating_;
  const bool fenced_;
  std::array<sync::Atomic<std::uint64_t>, kNameWords> name_;
};

}  // namespace ron::flavor
