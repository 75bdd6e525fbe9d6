// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Two threads that do something at the same time, again and again.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>

#include <pthread.h>
#include <sched.h>

#include <ronbus/sync/backoff.hpp>
#include <ronbus/sync/cache_line.hpp>

namespace ron::test {

/// Keeps the calling thread on the `which`th processor it may use, if there are that many: two
/// threads that share one cannot meet.
inline void stay_on_processor(int which) {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(static_cast<unsigned>(cpu), &allowed) || which-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(cpu), &one);
    ::pthread_setaffinity_np(::pthread_self(), sizeof(one), &one);
    return;
  }
}

/// Lets two threads go on at the same time.
class Meeting {
 public:
  void arrive(std::atomic<std::size_t>& me, const std::atomic<std::size_t>& other) {
    const std::size_t round = me.load(std::memory_order_relaxed) + 1;
    me.store(round, std::memory_order_seq_cst);
    for (int spins = 0; other.load(std::memory_order_seq_cst) < round; ++spins) {
      if (spins > 2000) std::this_thread::yield();
    }
  }
  alignas(sync::kCacheLine) std::atomic<std::size_t> hot{0};
  alignas(sync::kCacheLine) std::atomic<std::size_t> rare{0};
};

/// Some nanoseconds each.
inline void pause(std::size_t count) {
  for (; count > 0; --count) sync::cpu_relax();
}

}  // namespace ron::test
