// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a subscriber has lost, told in episodes, and the heaviest loss of those who used the same
// record before. Written by one thread at a time, in rare moments; anybody may read, and nobody
// waits: `version` is odd while something changes, and who reads finds it even and unchanged, or
// tries again, or goes without.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>

#include "ronbus/kernel/sequence.hpp"
#include "ronbus/subscriber_info.hpp"
#include "ronbus/sync/atomic.hpp"

namespace ron::flavor {

/// The name of a subscriber as it is kept in records.
using NameWords = std::array<std::uint64_t, 5>;

class LagLog {
 public:
  struct Loss {
    NameWords name{};
    std::uint64_t missed = 0;
    std::uint64_t most_behind = 0;
  };

  // For the subscriber.

  /// Before somebody else uses the record.
  void begin() noexcept {
    change([this] {
      store(episodes_, 0);
      store(most_behind_, 0);
      store(open_, 0);
    });
  }

  /// After `missed` messages were lost, the last of them before `resumed`; the subscriber was
  /// `behind` by then. True if an episode begins.
  bool lost(std::uint64_t missed, std::uint64_t behind, kernel::Sequence resumed,
            std::size_t capacity) noexcept {
    // The capacity in a row without a loss lies between the last loss and the first one now.
    const bool begins = !is_open() || resumed - missed - load(resumed_) >= capacity;
    change([&] {
      if (begins) {
        began_at_ = std::chrono::steady_clock::now();
        store(began_, static_cast<std::uint64_t>(
                          std::chrono::system_clock::now().time_since_epoch().count()));
        store(length_, 0);
        store(missed_, 0);
        store(episodes_, load(episodes_) + 1);
        store(open_, 1);
      } else {
        store(length_, since_begin());
      }
      store(missed_, load(missed_) + missed);
      store(resumed_, resumed);
      if (behind > load(most_behind_)) store(most_behind_, behind);
    });
    return begins;
  }

  /// The subscriber has seen how far behind it is.
  void was_behind(std::uint64_t messages) noexcept {
    if (messages <= load(most_behind_)) return;
    change([&] { store(most_behind_, messages); });
  }

  /// The subscriber has found nothing left to read.
  void caught_up() noexcept {
    change([this] {
      store(length_, since_begin());
      store(open_, 0);
    });
  }

  /// True from a loss until the subscriber has caught up.
  [[nodiscard]] bool is_open() const noexcept { return load(open_) != 0; }
  [[nodiscard]] std::uint64_t episodes() const noexcept { return load(episodes_); }

  /// When the subscriber goes: keeps its loss if that is the heaviest in this record.
  void retire(const NameWords& name, std::uint64_t missed) noexcept {
    if (missed <= load(worst_missed_)) return;
    change([&] {
      for (std::size_t i = 0; i < name.size(); ++i) store(worst_name_[i], name[i]);
      store(worst_missed_, missed);
      store(worst_behind_, load(most_behind_));
    });
  }

  // For everybody.

  struct Reading {
    std::uint64_t episodes = 0;
    std::uint64_t most_behind = 0;
    std::optional<LagEpisode> last;
    Loss worst;  ///< of those who used the record before
  };

  /// `cursor` of the subscriber, by which it can be told whether it has caught up.
  [[nodiscard]] Reading read(kernel::Sequence cursor, std::size_t capacity) const noexcept {
    constexpr int kAttempts = 100;
    Reading reading;
    for (int i = 0; i < kAttempts; ++i) {
      const std::uint64_t version = load(version_);
      reading.episodes = load(episodes_);
      reading.most_behind = load(most_behind_);
      reading.last.reset();
      if (reading.episodes > 0) {
        reading.last = LagEpisode{
            .began = std::chrono::system_clock::time_point{std::chrono::system_clock::duration{
                static_cast<std::chrono::system_clock::rep>(load(began_))}},
            .length = std::chrono::nanoseconds{load(length_)},
            .missed = load(missed_),
            .over = !is_open() || cursor - load(resumed_) >= capacity};
      }
      for (std::size_t at = 0; at < reading.worst.name.size(); ++at) {
        reading.worst.name[at] = load(worst_name_[at]);
      }
      reading.worst.missed = load(worst_missed_);
      reading.worst.most_behind = load(worst_behind_);
      if (version % 2 == 0 && version_.load(std::memory_order_relaxed) == version) return reading;
    }
    // Its writer is halted in between.
    reading.last.reset();
    reading.worst = {};
    return reading;
  }

 private:
  using Word = sync::Atomic<std::uint64_t>;

  // release: who sees a word that was changed sees the odd version that was stored before it.
  static void store(Word& word, std::uint64_t value) noexcept {
    word.store(value, std::memory_order_release);
  }
  // acquire: pairs with that; also, what is loaded next is not older.
  [[nodiscard]] static std::uint64_t load(const Word& word) noexcept {
    return word.load(std::memory_order_acquire);
  }

  template <class Function>
  void change(const Function& function) noexcept {
    const std::uint64_t version = load(version_);
    store(version_, version + 1);
    function();
    store(version_, version + 2);
  }
  [[nodiscard]] std::uint64_t since_begin() const noexcept {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds{std::chrono::steady_clock::now() - began_at_}.count());
  }

  Word version_{0};
  Word episodes_{0};
  Word most_behind_{0};
  // The last episode.
  Word open_{0};
  Word began_{0};  ///< by the clock of the system
  Word length_{0};
  Word missed_{0};
  Word resumed_{0};  ///< the first message after its last loss
  // Of those before.
  std::array<Word, std::tuple_size_v<NameWords>> worst_name_{};
  Word worst_missed_{0};
  Word worst_behind_{0};
  std::chrono::steady_clock::time_point began_at_;  ///< for the subscriber only
};

}  // namespace ron::flavor
