// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A coroutine type and executors for tests.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include <ronbus/executor.hpp>

namespace ron::test {

/// A coroutine that begins at once and is destroyed with this handle, suspended or not.
class Task {
 public:
  struct promise_type {
    Task get_return_object() {
      return Task{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { failure = std::current_exception(); }

    std::exception_ptr failure;
  };

  Task(Task&& other) noexcept : coroutine_{std::exchange(other.coroutine_, nullptr)} {}
  Task& operator=(Task&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  [[nodiscard]] bool is_done() const { return coroutine_.done(); }
  /// What the coroutine threw.
  void rethrow() const {
    if (coroutine_.promise().failure) std::rethrow_exception(coroutine_.promise().failure);
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_{coroutine} {}

  std::coroutine_handle<promise_type> coroutine_;
};

/// A queue of Wakeups that whoever likes runs. Shared with the executors that fill it.
class Queue {
 public:
  [[nodiscard]] static std::shared_ptr<Queue> make() { return std::make_shared<Queue>(); }
  [[nodiscard]] static Executor executor(std::shared_ptr<Queue> queue) {
    return Executor{[to = std::move(queue)](Wakeup wakeup) { to->push(std::move(wakeup)); }};
  }

  void push(Wakeup wakeup) {
    {
      const std::scoped_lock lock{mutex_};
      wakeups_.push_back(std::move(wakeup));
    }
    pushed_.notify_one();
  }
  /// Makes run_until() look again.
  void nudge() {
    {
      const std::scoped_lock lock{mutex_};
    }
    pushed_.notify_one();
  }

  [[nodiscard]] std::size_t size() const {
    const std::scoped_lock lock{mutex_};
    return wakeups_.size();
  }
  /// Runs the first, if there is one.
  bool run_one() {
    std::unique_lock lock{mutex_};
    if (wakeups_.empty()) return false;
    run_first(lock);
    return true;
  }
  /// Runs all there are and all that come of that; returns how many.
  std::size_t run() {
    std::size_t count = 0;
    while (run_one()) ++count;
    return count;
  }
  /// Runs what comes until `over()`, which is asked in between.
  template <class Over>
  void run_until(const Over& over) {
    std::unique_lock lock{mutex_};
    while (!over()) {
      if (wakeups_.empty()) {
        pushed_.wait(lock);
      } else {
        run_first(lock);
        lock.lock();
      }
    }
  }
  /// Destroys them unrun.
  void drop() {
    std::deque<Wakeup> dropped;
    const std::scoped_lock lock{mutex_};
    dropped.swap(wakeups_);
  }

 private:
  void run_first(std::unique_lock<std::mutex>& lock) {
    Wakeup first{std::move(wakeups_.front())};
    wakeups_.pop_front();
    lock.unlock();
    first();
  }

  mutable std::mutex mutex_;
  std::condition_variable pushed_;
  std::deque<Wakeup> wakeups_;
};

}  // namespace ron::test
