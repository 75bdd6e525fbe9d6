// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Coroutines that receive, on an event loop of one's own: a queue that one thread works through.
// The library resumes nobody; it hands the loop what to run.
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <exception>
#include <iostream>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include <ronbus/coroutine.hpp>
#include <ronbus/ronbus.hpp>

namespace {

/// Runs what others submit, until nobody is left who could submit anything.
class Loop {
 public:
  void submit(ron::Wakeup wakeup) {
    const std::scoped_lock lock{mutex_};
    submitted_.push_back(std::move(wakeup));
    changed_.notify_one();
  }
  void add_consumer() { ++consumers_; }
  void remove_consumer() { --consumers_; }

  void run() {
    std::unique_lock lock{mutex_};
    while (consumers_ > 0) {
      changed_.wait(lock, [this] { return !submitted_.empty(); });
      ron::Wakeup wakeup = std::move(submitted_.front());
      submitted_.pop_front();
      lock.unlock();
      wakeup();
      lock.lock();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ron::Wakeup> submitted_;
  int consumers_ = 0;  // only touched by the thread that runs the loop
};

/// The simplest coroutine there is: it begins at once and cleans up after itself.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

Detached consume(Loop& loop, std::string_view name, ron::AsyncSubscriber<std::uint64_t> rx) {
  loop.add_consumer();
  std::uint64_t sum = 0;
  for (;;) {
    const auto message = co_await rx.next();
    if (message) {
      sum += *message;
    } else if (message.error() == ron::RecvError::Closed) {
      break;
    }  // else Lagged, which rx counts
  }
  std::cout << name << ": sum " << sum << ", received + missed = " << rx.received() + rx.missed()
            << '\n';
  loop.remove_consumer();
}

}  // namespace

int main() {
  constexpr std::uint64_t kMessages = 100'000;
  auto bus = ron::BusBuilder{}.cap(1024).build<std::uint64_t>();
  if (!bus) return 2;

  const auto loop = std::make_shared<Loop>();
  // The executor owns a share of the loop: publishers may be in the middle of a call to it.
  const ron::Executor executor{[loop](ron::Wakeup wakeup) { loop->submit(std::move(wakeup)); }};
  consume(*loop, "all", {bus->subscribe({.gating = true}), executor});
  consume(*loop, "some", {bus->subscribe(), executor});

  std::jthread publisher{[&bus] {
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      if (!bus->publish_wait(i)) return;
    }
    bus->close();
  }};
  loop->run();
}
