// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Memory of the adapter that is handed from thread to thread; what is wrong with it is for the
// thread sanitizer to find.
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include <ronbus/asio.hpp>
#include <ronbus/sync/attention.hpp>
#include <ronbus/wait/suspension.hpp>
#include <ronbus/wait/waiter_set.hpp>

#include "threads.hpp"

namespace ron::test {
namespace {

constexpr std::size_t kHandovers = scaled(16000);

TEST(HandedOn, spare_memory_comes_back_from_another_thread) {
  asio_detail::SpareMemory spare;
  std::atomic<std::size_t*> passed{nullptr};
  Thread other{[&] {
    for (std::size_t i = 0; i < kHandovers; ++i) {
      std::size_t* number = nullptr;
      while ((number = passed.load(std::memory_order_acquire)) == nullptr)
        std::this_thread::yield();
      EXPECT_EQ(*number, i);
      passed.store(nullptr, std::memory_order_relaxed);
      spare.deallocate(number);
    }
  }};
  for (std::size_t i = 0; i < kHandovers; ++i) {
    while (passed.load(std::memory_order_relaxed) != nullptr) std::this_thread::yield();
    auto* const number = static_cast<std::size_t*>(spare.allocate(sizeof(std::size_t)));
    *number = i;
    passed.store(number, std::memory_order_release);
  }
}

/// Posts to nowhere; notes who was alone in plain memory.
class Target : public asio_detail::AsioTarget {
 public:
  [[nodiscard]] std::size_t alone() const { return alone_; }
  [[nodiscard]] bool is_used() const { return inside_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool is_dropped() const { return executor_ == 0; }

 private:
  void submit(Wakeup /*wakeup*/, bool is_alone) override {
    inside_.store(true, std::memory_order_relaxed);
    std::this_thread::yield();
    EXPECT_NE(executor_, 0);
    if (is_alone) ++alone_;
  }
  void drop_executor() noexcept override { executor_ = 0; }

  std::atomic<bool> inside_{false};
  int executor_ = 1;
  std::size_t alone_ = 0;
};

/// Wakeups that wake nobody.
class Empty : public wait::PostTarget, public wait::Suspended {
 public:
  static Wakeup make() {
    sync::Attention attention{sync::FenceKind::SeqCst};
    wait::WaiterSet set{attention};
    wait::Owner owner;
    const auto target = std::make_shared<Empty>();
    auto& suspension = wait::Suspension::attach(set, owner, wait::kEverything, target);
    suspension.yield(*target);
    suspension.end();
    suspension.detach();
    const Wakeup full{std::move(*target->wakeup_)};
    return std::move(*target->wakeup_);
  }

 private:
  void post(Wakeup wakeup) override { wakeup_.emplace(std::move(wakeup)); }
  void wake() override {}
  void forsake() noexcept override {}

  std::optional<Wakeup> wakeup_;
};

TEST(HandedOn, who_is_alone_finds_what_those_who_were_left) {
  Target target;
  const auto post = [&] {
    Wakeup empty = Empty::make();
    for (std::size_t i = 0; i < kHandovers; ++i) target.post(Wakeup{std::move(empty)});
  };
  Thread other{post};
  post();
  other.join();
  EXPECT_GT(target.alone(), 0U);
}

TEST(HandedOn, an_executor_is_dropped_after_the_last_who_used_it) {
  for (std::size_t i = 0; i < kHandovers / 16; ++i) {
    Target target;
    Thread other{[&] {
      Wakeup empty = Empty::make();
      for (int k = 0; k < 16; ++k) target.post(Wakeup{std::move(empty)});
    }};
    // In the midst of a post, or at any time.
    while (i % 2 == 0 && !target.is_used()) std::this_thread::yield();
    for (std::size_t k = 0; k < i % 64; ++k) std::this_thread::yield();
    target.shut();
    other.join();
    EXPECT_TRUE(target.is_dropped());
  }
}

}  // namespace
}  // namespace ron::test
