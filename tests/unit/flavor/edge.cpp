// SPDX-License-Identifier: MIT OR Apache-2.0
#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include <ronbus/flavor/edge.hpp>

#include "threads.hpp"

namespace ron::flavor {
namespace {

using namespace std::chrono_literals;
using test::Thread;
using wait::WaitStatus;

class Edge : public testing::Test {
 protected:
  ~Edge() override { set_.release(*waiter_); }

  template <class ReadyFn>
  WaitStatus wait(std::chrono::microseconds linger, const ReadyFn& ready) {
    return wait_at_edge(linger, set_, *waiter_, WaitStrategy::SleepAtOnce, ready, limit_, {});
  }
  [[nodiscard]] bool is_armed() const {
    return (attention_.peek() & sync::Attention::kSleepers) != 0;
  }
  [[nodiscard]] std::uint64_t wakeups() const {
    return owner_.wakeups.load(std::memory_order_relaxed);
  }
  /// As a publisher does.
  void publish() {
    published_ = true;
    if ((attention_.after_access() & sync::Attention::kSleepers) != 0) set_.notify();
  }

  sync::Attention attention_{sync::FenceKind::SeqCst};
  wait::WaiterSet set_{attention_};
  wait::Owner owner_;
  wait::Waiter* waiter_ = set_.claim(owner_);
  std::atomic<bool> published_{false};
  /// Reached only if somebody sleeps for ever.
  const wait::Deadline limit_ = std::chrono::steady_clock::now() + 60s;
};

TEST_F(Edge, who_lingers_finds_a_message_without_being_woken) {
  WaitStatus status{};
  Thread reader{[&] { status = wait(100ms, [this] { return published_.load(); }); }};
  reader.wait_until_asleep();
  EXPECT_FALSE(is_armed());
  publish();
  reader.join();
  EXPECT_EQ(status, WaitStatus::Ready);
  EXPECT_EQ(wakeups(), 0U);
}

TEST_F(Edge, who_has_lingered_is_woken_once) {
  WaitStatus status{};
  Thread reader{[&] { status = wait(1us, [this] { return published_.load(); }); }};
  while (!is_armed()) std::this_thread::yield();
  reader.wait_until_asleep();
  for (int i = 0; i < 100; ++i) publish();
  reader.join();
  EXPECT_EQ(status, WaitStatus::Ready);
  EXPECT_EQ(wakeups(), 1U);
}

TEST_F(Edge, a_message_right_behind_any_look_is_not_slept_through) {
  // It looks when it has lingered, and when it has armed.
  for (int behind = 1; behind <= 2; ++behind) {
    published_ = false;
    int looks = 0;
    const auto ready = [&] {
      const bool found = published_;
      if (++looks == behind) publish();
      return found;
    };
    EXPECT_EQ(wait(1us, ready), WaitStatus::Ready) << "behind look " << behind;
  }
}

TEST_F(Edge, who_does_not_linger_waits_as_in_classic) {
  WaitStatus status{};
  Thread reader{[&] { status = wait(0us, [this] { return published_.load(); }); }};
  reader.wait_until_asleep();
  EXPECT_TRUE(is_armed());
  publish();
  reader.join();
  EXPECT_EQ(status, WaitStatus::Ready);
}

}  // namespace
}  // namespace ron::flavor
