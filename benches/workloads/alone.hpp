// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What one thread does by itself, in turns that are timed.
#pragma once

#include <exception>
#include <utility>

#include "workloads/common.hpp"

namespace ron::bench {

/// Time that adds up, and how often something was done in it.
class Stopwatch {
 public:
  /// Times `operation`, which does its work `count` times.
  template <class Operation>
  void time(std::uint64_t count, Operation&& operation) {
    const Ticks begin = now();
    operation();
    elapsed_ += now() - begin;
    count_ += count;
  }
  [[nodiscard]] double nanoseconds_each() const {
    check(count_ > 0, "nothing was timed");
    return to_nanoseconds(elapsed_) / static_cast<double>(count_);
  }

 private:
  Ticks elapsed_ = 0;
  std::uint64_t count_ = 0;
};

/// Calls `turn` on a thread for as long as conditions say, at least once. What it throws is thrown
/// here.
template <class Turn>
void repeat(const Conditions& conditions, Turn&& turn) {
  std::exception_ptr error;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    try {
      do {
        turn();
      } while (!stop.load(std::memory_order_relaxed));
    } catch (...) {
      error = std::current_exception();
    }
  });
  run_workers(std::move(workers), conditions);
  if (error) std::rethrow_exception(error);
}

}  // namespace ron::bench
