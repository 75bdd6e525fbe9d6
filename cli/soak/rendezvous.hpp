// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace ron::cli::soak {

/// Where threads come to rest until they are sent on, so that their counts can be compared. What a
/// thread wrote before it rests is seen by whoever finds it resting, and the other way round.
class Rendezvous {
 public:
  /// Threads are numbered from 0.
  explicit Rendezvous(std::size_t threads) : rests_(threads) {}

  // The threads'.

  /// Whether to come to rest soon.
  [[nodiscard]] bool is_called() const noexcept { return called_.load(std::memory_order_relaxed); }
  /// Rests; returns whether to go on.
  [[nodiscard]] bool rest(std::size_t thread);

  // The coordinator's.

  void call() noexcept { called_.store(true, std::memory_order_relaxed); }
  /// Waits until the threads from `begin` to before `end` rest. Returns whether they do.
  [[nodiscard]] bool wait_for(std::size_t begin, std::size_t end,
                              std::chrono::milliseconds patience);
  [[nodiscard]] bool rests(std::size_t thread) const;
  /// Sends all on, or home.
  void release(bool go_on);

 private:
  std::atomic<bool> called_{false};
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::condition_variable sent_;
  std::vector<bool> rests_;
  std::size_t round_ = 0;
  bool go_on_ = true;
};

}  // namespace ron::cli::soak
