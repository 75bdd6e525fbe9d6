// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/workers.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <thread>

#include "harness/clock.hpp"
#include "harness/pinning.hpp"

namespace ron::bench {
namespace {

/// Where the threads meet before they start. They wait awake, so that each is on a core already.
class Start {
 public:
  explicit Start(std::size_t parties) : missing_{parties} {}
  void arrive_and_wait() noexcept {
    missing_.fetch_sub(1, std::memory_order_acq_rel);
    while (missing_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
  }

 private:
  std::atomic<std::size_t> missing_;
};

struct Span {
  Ticks begin = std::numeric_limits<Ticks>::max();
  Ticks end = 0;
};

}  // namespace

double run_workers(std::vector<Worker> workers, const Conditions& conditions) {
  alignas(64) std::atomic<bool> stop{false};
  std::vector<Span> spans(workers.size());
  Start start{workers.size() + 1};
  {
    std::vector<std::jthread> threads;
    threads.reserve(workers.size());
    for (std::size_t i = 0; i < workers.size(); ++i) {
      threads.emplace_back([&, i] {
        if (conditions.pin) pin_this_thread(i);
        start.arrive_and_wait();
        const Ticks begin = now();
        workers[i](stop);
        spans[i] = {.begin = begin, .end = now()};
      });
    }
    start.arrive_and_wait();
    std::this_thread::sleep_for(conditions.duration);
    stop.store(true, std::memory_order_relaxed);
  }
  const Ticks begin = std::ranges::min(spans, {}, &Span::begin).begin;
  const Ticks end = std::ranges::max(spans, {}, &Span::end).end;
  return to_nanoseconds(end - begin) / 1e9;
}

}  // namespace ron::bench
