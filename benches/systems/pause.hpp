// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <thread>

#include "ronbus/sync/backoff.hpp"

namespace ron::bench {

/// How to wait for what has no way to wait of its own: spins for some microseconds, then lets
/// others run.
class Pause {
 public:
  void operator()() noexcept {
    if (++count_ < kSpins) {
      sync::cpu_relax();
    } else {
      std::this_thread::yield();
    }
  }

 private:
  static constexpr int kSpins = 1000;
  int count_ = 0;
};

}  // namespace ron::bench
