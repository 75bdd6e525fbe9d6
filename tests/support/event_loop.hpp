// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the tests need of epoll and timerfd.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace ron::test {

[[nodiscard]] inline bool is_readable(int descriptor) {
  ::pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

class EventLoop {
 public:
  EventLoop() : number_{::epoll_create1(EPOLL_CLOEXEC)} { EXPECT_GE(number_, 0); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop() { ::close(number_); }

  void add(int descriptor, std::uint32_t flags = 0) {
    ::epoll_event event{};
    event.events = EPOLLIN | flags;
    event.data.fd = descriptor;
    EXPECT_EQ(::epoll_ctl(number_, EPOLL_CTL_ADD, descriptor, &event), 0);
  }
  void remove(int descriptor) {
    EXPECT_EQ(::epoll_ctl(number_, EPOLL_CTL_DEL, descriptor, nullptr), 0);
  }

  /// The descriptors that are readable; none only if nothing came for so long that it never will.
  [[nodiscard]] std::vector<int> wait() {
    ::epoll_event events[8];
    const int count = ::epoll_wait(number_, events, 8, 30'000);
    std::vector<int> ready;
    for (int i = 0; i < count; ++i) ready.push_back(events[i].data.fd);
    return ready;
  }
  /// Those that are readable now.
  [[nodiscard]] std::size_t pending() {
    ::epoll_event events[8];
    const int count = ::epoll_wait(number_, events, 8, 0);
    return count < 0 ? 0 : static_cast<std::size_t>(count);
  }

 private:
  int number_;
};

/// A timerfd that expires again and again.
class Ticker {
 public:
  explicit Ticker(std::chrono::nanoseconds period)
      : number_{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)} {
    const ::timespec each{0, static_cast<long>(period.count())};
    const ::itimerspec timer{each, each};
    EXPECT_EQ(::timerfd_settime(number_, 0, &timer, nullptr), 0);
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() { ::close(number_); }

  [[nodiscard]] int descriptor() const { return number_; }
  /// How often it expired since the last call.
  std::uint64_t take() const {
    std::uint64_t count = 0;
    return ::read(number_, &count, sizeof count) == sizeof count ? count : 0;
  }

 private:
  int number_;
};

}  // namespace ron::test
