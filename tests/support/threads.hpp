// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include <sys/types.h>
#include <unistd.h>

namespace ron::test {

#if defined(__has_feature)  // clang
inline constexpr bool kThreadSanitizer = __has_feature(thread_sanitizer);
inline constexpr bool kAddressSanitizer = __has_feature(address_sanitizer);
#else
#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif
#endif

/// How much of a loop to run: all of it, or less where every step costs many times more.
inline constexpr std::size_t scaled(std::size_t count) {
  return kThreadSanitizer ? count / 16 : kAddressSanitizer ? count / 4 : count;
}

/// A thread whose state in the kernel can be asked for.
class Thread {
 public:
  template <class Body>
  explicit Thread(Body body)
      : thread_{[this, run = std::move(body)]() mutable {
          id_.store(::gettid(), std::memory_order_release);
          id_.notify_one();
          run();
          done_.store(true, std::memory_order_release);
        }} {
    id_.wait(0, std::memory_order_acquire);
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }

  void join() {
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] bool is_done() const { return done_.load(std::memory_order_acquire); }
  [[nodiscard]] ::pid_t id() const { return id_.load(std::memory_order_acquire); }

  /// Returns once the thread sleeps in the kernel (or has ended).
  void wait_until_asleep() const {
    while (!is_done() && state() != 'S') std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }

 private:
  [[nodiscard]] char state() const {
    std::ifstream stat{"/proc/self/task/" + std::to_string(id()) + "/stat"};
    std::string line;
    std::getline(stat, line);
    const auto name_end = line.rfind(')');
    return name_end == std::string::npos || name_end + 2 >= line.size() ? '?' : line[name_end + 2];
  }

  std::atomic<::pid_t> id_{0};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace ron::test
