// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <thread>

#include "ronbus/sync/backoff.hpp"
#include "ronbus/wait/futex.hpp"

namespace ron {

/// What a thread does while it waits for a message. Only one that sleeps costs publishers anything,
/// and only while it does.
enum class WaitStrategy : std::uint8_t {
  /// Looks all the time. The lowest latency, for a processor of one's own: it is used up entirely.
  BusySpin,
  /// Gives up the processor between looks. Uses up what nobody else wants.
  Yield,
  /// Spins for about a microsecond, then sleeps until it is woken. Idle waiters use no processor.
  SpinThenSleep,
  /// Sleeps at once. The least processor time where messages are rare, at the price of a system
  /// call for each that is waited for.
  SleepAtOnce,
};

}  // namespace ron

namespace ron::wait {

/// The spinning part of SpinThenSleep; true once `ready()` is.
template <class ReadyFn>
[[nodiscard]] bool spin(const ReadyFn& ready) {
  // Looking at the ring takes its cache line from the publisher. Pauses of some 100 ns between
  // looks let it write many messages meanwhile: 3 to 8 times the throughput of looking all the
  // time.
  constexpr int kRelaxPerRound = 12;
  constexpr int kSpinRounds = sync::kModelCheck ? 0 : 8;
  constexpr int kYields = sync::kModelCheck ? 0 : 2;
  for (int round = 0; round < kSpinRounds; ++round) {
    for (int i = 0; i < kRelaxPerRound; ++i) sync::cpu_relax();
    if (ready()) return true;
  }
  for (int i = 0; i < kYields; ++i) {
    std::this_thread::yield();
    if (ready()) return true;
  }
  return false;
}

/// Looks again and again with a pause in between, `looks` times before it asks for deadline and
/// stop.
template <class ReadyFn, class PauseFn>
[[nodiscard]] WaitStatus look_until(const ReadyFn& ready, const PauseFn& pause, int looks,
                                    const Deadline& deadline, const std::stop_token& stop) {
  for (;;) {
    for (int i = 0; i < looks; ++i) {
      if (ready()) return WaitStatus::Ready;
      pause();
    }
    if (stop.stop_requested()) return WaitStatus::Stopped;
    if (deadline && std::chrono::steady_clock::now() >= *deadline) return WaitStatus::Timeout;
  }
}

}  // namespace ron::wait
