// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Threads that stop between two steps of the library. A step is an atomic operation or a fence: all
// that other threads can observe of a thread lies between two of them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <sys/types.h>
#include <unistd.h>

#include <ronbus/sync/atomic.hpp>

#if !defined(RONBUS_TEST_HOOKS)
#error "needs the library with step hooks"
#endif

namespace ron::test {

/// Counts the steps that `body` takes in the calling thread.
template <class Body>
std::size_t steps_of(const Body& body) {
  static thread_local std::size_t steps;
  steps = 0;
  sync::step_hook = [] { ++steps; };
  body();
  sync::step_hook = nullptr;
  return steps;
}

/// The step of a thread that is not to halt.
inline constexpr std::size_t kNever = 0;

/// Runs `body` in a thread that halts right before its step number `halt_at`, counted from 1, and
/// goes on when told to.
class HaltedThread {
 public:
  template <class Body>
  HaltedThread(std::size_t halt_at, Body body)
      : halt_at_{halt_at}, thread_{[this, work = std::move(body)]() mutable {
          id_.store(::gettid());
          self = this;
          sync::step_hook = [] { self->step(); };
          work();
          sync::step_hook = nullptr;
          become(State::Done);
        }} {}
  HaltedThread(const HaltedThread&) = delete;
  HaltedThread& operator=(const HaltedThread&) = delete;
  ~HaltedThread() { finish(); }

  /// Waits until the thread has halted or its body is done; true if it has halted.
  [[nodiscard]] bool is_halted() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return state_.load() != State::Runs; });
    return state_.load() == State::Halted;
  }

  /// Waits until the thread has halted, is done, or sleeps in the kernel; true if it sleeps.
  [[nodiscard]] bool is_asleep() {
    for (;;) {
      if (state_.load() != State::Runs) return false;
      // It sleeps when it did so while it was not halted, before and after the look.
      if (kernel_state() == 'S' && state_.load() == State::Runs) return true;
      std::this_thread::yield();
    }
  }

  /// Waits until the thread has halted or is done: true. False if it sleeps and nobody wakes it;
  /// one that was woken but did not get the processor yet does not sleep.
  [[nodiscard]] bool gets_through() {
    for (int asleep = 0; asleep < kLooks;) {
      if (state_.load() != State::Runs) return true;
      asleep = kernel_state() == 'S' ? asleep + 1 : 0;
      std::this_thread::yield();
    }
    return false;
  }

  void release() {
    const std::lock_guard lock{mutex_};
    released_ = true;
    if (state_.load() == State::Halted) state_.store(State::Runs);
    changed_.notify_all();
  }

  /// Lets the thread go on and waits for its end.
  void finish() {
    release();
    if (thread_.joinable()) thread_.join();
  }

 private:
  enum class State { Runs, Halted, Done };
  static constexpr int kLooks = 500;

  void step() {
    if (++steps_ == halt_at_) become(State::Halted);
  }

  void become(State state) {
    std::unique_lock lock{mutex_};
    if (state == State::Halted && released_) return;
    state_.store(state);
    changed_.notify_all();
    if (state != State::Halted) return;
    changed_.wait(lock, [this] { return released_; });
  }

  [[nodiscard]] char kernel_state() const {
    std::ifstream stat{"/proc/self/task/" + std::to_string(id_.load()) + "/stat"};
    std::string line;
    std::getline(stat, line);
    const std::size_t name_end = line.rfind(')');
    return name_end == std::string::npos || name_end + 2 >= line.size() ? '?' : line[name_end + 2];
  }

  static inline thread_local HaltedThread* self = nullptr;

  const std::size_t halt_at_;
  std::size_t steps_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<State> state_{State::Runs};
  bool released_ = false;
  std::atomic<::pid_t> id_{0};
  std::thread thread_;
};

}  // namespace ron::test
