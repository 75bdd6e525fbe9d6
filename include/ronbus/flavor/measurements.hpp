// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a bus measures when MetricsCfg asks for it: one in so many publishes is timed, and one in so
// many receives looks how far behind it is. A publish that is timed may leave a stamp, the time at
// which it began, where the receives of its message find it:
//
//     stamps    | sequence, time | sequence, time | ...     that of a message: sequence % kStamps
//
// A stamp is left after its message was published and before anybody is woken for it. Who reads the
// message before the stamp is there, or after the stamp of a later message took its place, measures
// nothing. `sequence` is kBusy while the time changes: by one publisher at a time, and whoever
// finds another one at it leaves no stamp. So times are never those of another sequence.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "ronbus/flavor/histogram.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/sync/atomic.hpp"

namespace ron::flavor {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline std::uint64_t nanoseconds_since(Clock::time_point begin,
                                                     Clock::time_point now) noexcept {
  const auto time = std::chrono::nanoseconds{now - begin}.count();
  return time > 0 ? static_cast<std::uint64_t>(time) : 0;
}

class Stamps {
 public:
  /// By any publisher, after its message was published.
  void leave(kernel::Sequence sequence, Clock::time_point time) noexcept {
    Stamp& stamp = at(sequence);
    // acquire: pairs with the release of the sequence; the time of who left a stamp here before is
    // replaced, not the other way round.
    if (stamp.sequence.exchange(kBusy, std::memory_order_acquire) == kBusy) return;
    // release, and the acquires below: a time is seen with its sequence or not at all. Two
    // publishers that leave stamps in the same place are a multiple of kStamps messages apart, and
    // the later one may lose its stamp to the earlier one.
    stamp.time.store(static_cast<std::uint64_t>(time.time_since_epoch().count()),
                     std::memory_order_release);
    stamp.sequence.store(sequence, std::memory_order_release);
  }

  /// Calls `function` with the time at which the message was published, if that is known.
  template <class Function>
  void find(kernel::Sequence sequence, const Function& function) const noexcept {
    const Stamp& stamp = at(sequence);
    if (stamp.sequence.load(std::memory_order_acquire) != sequence) [[likely]]
      return;
    const std::uint64_t time = stamp.time.load(std::memory_order_acquire);
    if (stamp.sequence.load(std::memory_order_relaxed) != sequence) return;
    function(Clock::time_point{Clock::duration{static_cast<Clock::rep>(time)}});
  }

 private:
  static constexpr std::size_t kStamps = sync::kModelCheck ? 2 : 1024;
  // No messages have these.
  static constexpr kernel::Sequence kBusy = std::numeric_limits<kernel::Sequence>::max();
  static constexpr kernel::Sequence kNone = kBusy - 1;
  struct Stamp {
    sync::Atomic<kernel::Sequence> sequence{kNone};
    sync::Atomic<std::uint64_t> time{0};
  };

  [[nodiscard]] Stamp& at(kernel::Sequence sequence) noexcept {
    return stamps_[sequence % kStamps];
  }
  [[nodiscard]] const Stamp& at(kernel::Sequence sequence) const noexcept {
    return stamps_[sequence % kStamps];
  }

  std::array<Stamp, kStamps> stamps_;
};

/// Of one bus. Any thread.
class Measurements {
 public:
  Measurements(std::size_t sample_every, bool end_to_end)
      : sample_every_{sample_every}, stamped_{end_to_end} {}

  [[nodiscard]] std::size_t sample_every() const noexcept { return sample_every_; }

  /// After a publish.
  void published(Clock::time_point begin, Clock::time_point end) noexcept {
    const std::uint64_t time = nanoseconds_since(begin, end);
    publish_ns_.record(time - std::min(time, clock_cost_));
  }
  /// After the message of a publish that began at `begin` got its sequence.
  void stamp(kernel::Sequence sequence, Clock::time_point begin) noexcept {
    if (stamped_) stamps_.leave(sequence, begin);
  }
  /// After a batch was published.
  void handed_over(std::size_t messages) noexcept { batch_sizes_.record(messages); }

  /// What an application measured from publish to receive.
  void end_to_end(std::chrono::nanoseconds time) noexcept {
    end_to_end_ns_.record(static_cast<std::uint64_t>(std::max(time.count(), std::int64_t{0})));
  }

  /// After the messages from `begin` to `end` were received.
  void received(kernel::Sequence begin, kernel::Sequence end) noexcept {
    if (!stamped_) return;
    for (; begin != end; ++begin) {
      stamps_.find(begin, [&](Clock::time_point published) {
        end_to_end_ns_.record(nanoseconds_since(published, Clock::now()));
      });
    }
  }

  [[nodiscard]] Distribution publish_ns() const { return publish_ns_.distribution(); }
  [[nodiscard]] Distribution end_to_end_ns() const { return end_to_end_ns_.distribution(); }
  [[nodiscard]] Distribution batch_sizes() const { return batch_sizes_.distribution(); }

 private:
  /// What it takes to look at the clock, at the least: a part of every time of a publish.
  [[nodiscard]] static std::uint64_t cost_of_clock() noexcept {
    constexpr int kLooks = 64;
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    for (int i = 0; i < kLooks; ++i) {
      const Clock::time_point begin = Clock::now();
      least = std::min(least, nanoseconds_since(begin, Clock::now()));
    }
    return least;
  }

  const std::size_t sample_every_;
  const bool stamped_;
  const std::uint64_t clock_cost_ = cost_of_clock();
  Histogram publish_ns_;
  Histogram end_to_end_ns_;
  Histogram batch_sizes_;
  Stamps stamps_;
};

}  // namespace ron::flavor
