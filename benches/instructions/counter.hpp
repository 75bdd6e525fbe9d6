// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Counts instructions of an operation, which callgrind does when the program runs under it. Only
// the operation is counted: what prepares it, and what the harness does, is not. Each operation is
// run once before, so that its first call is not counted either.
//
// Callgrind writes one file for each name. Its total is
//     rounds * what entering an operation costs + iterations * (the loop + the operation)
// where the first two are found by counting loops that do nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <valgrind/callgrind.h>

namespace ron::bench::instructions {

/// What was done while callgrind counted under that name.
struct Counted {
  std::string name;
  std::uint64_t rounds = 0;
  std::uint64_t iterations = 0;  ///< of the loop, all rounds
  std::uint64_t messages = 0;    ///< all rounds
};

class Counter {
 public:
  static constexpr std::uint64_t kRounds = 64;

  /// Counts `operation(iterations)`, a loop of so many, each over `messages_each` messages.
  /// `prepare()` goes before every call of it.
  template <class Prepare, class Operation>
  void count(std::string name, std::uint64_t iterations, std::uint64_t messages_each,
             Prepare prepare, Operation operation) {
    prepare();
    enter(operation, iterations);
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      prepare();
      CALLGRIND_TOGGLE_COLLECT;
      enter(operation, iterations);
      CALLGRIND_TOGGLE_COLLECT;
    }
    CALLGRIND_DUMP_STATS_AT(name.c_str());
    counted_.push_back({.name = std::move(name),
                        .rounds = kRounds,
                        .iterations = kRounds * iterations,
                        .messages = kRounds * iterations * messages_each});
  }
  template <class Operation>
  void count(std::string name, std::uint64_t iterations, std::uint64_t messages_each,
             Operation operation) {
    count(std::move(name), iterations, messages_each, [] {}, std::move(operation));
  }

  [[nodiscard]] const std::vector<Counted>& counted() const noexcept { return counted_; }

 private:
  template <class Operation>
  [[gnu::noinline]] static void enter(Operation& operation, std::uint64_t iterations) {
    operation(iterations);
  }

  std::vector<Counted> counted_;
};

}  // namespace ron::bench::instructions
