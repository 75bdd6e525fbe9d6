// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Rundown protection: something is used by any number of threads until it is shut, and whoever
// shuts it waits for those who use it.
//
//   who uses it   (E1) alone_ 0 -> 1; if it was 1 already: others_ + 1   (E2) shut?
//                 (E3) if not: uses it   (E4) alone_ = 0, or others_ - 1
//   who shuts it  (S1) shut   (S2) waits until it has seen alone_ 0, then others_ 0
//
// All of E1, E2, S1 and the looks of S2 are sequentially consistent: either E2 sees S1, or S2 sees
// E1. Who finds alone_ at 1 and is not counted yet when S2 looks at others_ sees S1.
//
// One locked instruction for whoever is alone, which is nearly always so.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/backoff.hpp"

namespace ron::sync {

class Rundown {
 public:
  Rundown() = default;

  /// E1 to E4: keeps it in use while it exists, if it is true.
  class Entry {
   public:
    explicit Entry(Rundown& rundown) noexcept
        : rundown_{rundown},
          // Also acquire: who is alone sees what those did who were so before.
          is_alone_{rundown.alone_.exchange(1, std::memory_order_seq_cst) == 0} {
      if (!is_alone_) rundown.others_.fetch_add(1, std::memory_order_seq_cst);
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      // release: what was done comes before S2, and before the next who is alone.
      if (is_alone_) {
        rundown_.alone_.store(0, std::memory_order_release);
      } else {
        rundown_.others_.fetch_sub(1, std::memory_order_release);
      }
    }

    /// False if it is shut.
    [[nodiscard]] explicit operator bool() const noexcept {
      return rundown_.shut_.load(std::memory_order_seq_cst) == 0;
    }
    /// True for one at a time.
    [[nodiscard]] bool is_alone() const noexcept { return is_alone_; }

   private:
    Rundown& rundown_;
    const bool is_alone_;
  };

  /// S1 and S2: from here on nobody uses it.
  void shut() noexcept {
    shut_.store(1, std::memory_order_seq_cst);
    wait_for(alone_);
    wait_for(others_);
  }
  /// For who uses it in a way that rules out that it is shut meanwhile.
  [[nodiscard]] bool is_shut() const noexcept { return shut_.load(std::memory_order_relaxed) != 0; }

 private:
  using Count = std::uint32_t;

  // seq_cst: after S1; also acquire, pairs with the release of E4.
  static void wait_for(const Atomic<Count>& users) noexcept {
    while (users.load(std::memory_order_seq_cst) != 0) {
      step();
      cpu_relax();
      std::this_thread::yield();
    }
  }

  Atomic<Count> alone_{0};
  Atomic<Count> others_{0};
  Atomic<Count> shut_{0};
};

}  // namespace ron::sync
