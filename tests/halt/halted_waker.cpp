// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Who wakes others, or was woken, may be halted at any step: nobody sleeps through what happened,
// and nobody is told of it who has gone.
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/sync/attention.hpp>
#include <ronbus/wait/blocking_wait.hpp>
#include <ronbus/wait/waiter_set.hpp>

#include "halted_thread.hpp"
#include "recorder.hpp"

namespace ron::test {
namespace {

using sync::Attention;
using sync::FenceKind;
using wait::Waiter;
using wait::WaiterSet;

constexpr std::size_t kWakes = WaiterSet::kWakesPerNotify;
/// More than a notifier fires, so that those who are fired have to go on.
constexpr std::size_t kMany = kWakes + 2;

/// A set of waiters, and the word that tells notifiers of them.
struct Place {
  explicit Place(FenceKind kind) : attention{kind} {}

  void notify() {
    if ((attention.after_access() & Attention::kSleepers) != 0) set.notify();
  }

  Attention attention;
  WaiterSet set{attention};
};

class HaltedWaker : public testing::TestWithParam<FenceKind> {
 protected:
  void SetUp() override {
    if (GetParam() == FenceKind::Membarrier && !sync::membarrier_available()) {
      GTEST_SKIP() << "no membarrier here";
    }
  }

  /// Calls `scene(step)` for step 1, 2, ... until it answers that its thread did not halt any more.
  template <class Scene>
  static void at_every_step(const Scene& scene) {
    std::size_t step = 1;
    while (scene(step)) {
      if (HasFailure()) {
        ADD_FAILURE() << "halted at step " << step;
        return;
      }
      ++step;
    }
    EXPECT_GT(step, 1U) << "nothing to halt at: are the step hooks in?";
  }
};

INSTANTIATE_TEST_SUITE_P(All, HaltedWaker,
                         testing::Values(FenceKind::Membarrier, FenceKind::SeqCst),
                         [](const auto& which) {
                           return which.param == FenceKind::SeqCst ? "Portable" : "Membarrier";
                         });

/// A thread that sleeps until a value is set.
class SleeperAt {
 public:
  SleeperAt(Place& place, const std::atomic<bool>& value, std::size_t halt_at = 0)
      : waiter_{place.set.claim(owner_)},
        thread_{halt_at, [this, &place, &value] {
                  const auto is_set = [&value] { return value.load(); };
                  const auto status =
                      wait::wait(place.set, *waiter_, WaitStrategy::SleepAtOnce, is_set, {}, {});
                  EXPECT_EQ(status, wait::WaitStatus::Ready);
                }} {}

  [[nodiscard]] HaltedThread& thread() { return thread_; }

 private:
  wait::Owner owner_;
  Waiter* waiter_;
  HaltedThread thread_;
};

class Sleepers {
 public:
  Sleepers(Place& place, const std::atomic<bool>& value) {
    for (std::size_t i = 0; i < kMany; ++i)
      all_.push_back(std::make_unique<SleeperAt>(place, value));
    for (const auto& one : all_) EXPECT_TRUE(one->thread().is_asleep());
  }

  /// True if all are woken; wakes those who were not.
  [[nodiscard]] bool get_through(Place& place) {
    std::size_t asleep = 0;
    for (const auto& one : all_) asleep += one->thread().gets_through() ? 0U : 1U;
    if (asleep > 0) place.set.notify_all();
    for (const auto& one : all_) one->thread().finish();
    return asleep == 0;
  }

 private:
  std::vector<std::unique_ptr<SleeperAt>> all_;
};

TEST_P(HaltedWaker, one_woken_who_is_halted_keeps_nobody_asleep) {
  at_every_step([](std::size_t step) {
    Place place{GetParam()};
    std::atomic<bool> value{false};
    SleeperAt halted{place, value, step};
    static_cast<void>(halted.thread().is_asleep());
    Sleepers others{place, value};
    value = true;
    place.notify();
    EXPECT_TRUE(others.get_through(place));
    const bool is_halted = halted.thread().gets_through() && halted.thread().is_halted();
    halted.thread().release();
    const bool woken = halted.thread().gets_through();
    EXPECT_TRUE(woken);
    if (!woken) place.set.notify_all();  // so that the test ends
    halted.thread().finish();
    return is_halted;
  });
}

TEST_P(HaltedWaker, a_notifier_who_is_halted_keeps_nobody_asleep_when_another_comes) {
  at_every_step([](std::size_t step) {
    Place place{GetParam()};
    std::atomic<bool> value{false};
    Sleepers sleepers{place, value};
    value = true;
    HaltedThread halted{step, [&place] { place.notify(); }};
    const bool is_halted = halted.is_halted();
    if (is_halted) place.notify();
    EXPECT_TRUE(sleepers.get_through(place));
    halted.finish();
    return is_halted;
  });
}

TEST_P(HaltedWaker, who_arms_anew_beside_a_halted_notifier_is_fired_by_the_next) {
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, kMany}) {
    at_every_step([count](std::size_t step) {
      Place place{GetParam()};
      Recorders all{place.set, count};
      all.arm();
      HaltedThread halted{step, [&place] { place.notify(); }};
      const bool is_halted = halted.is_halted();
      for (const auto& one : all) one->end();
      all.arm();
      if (step % 2 == 0) place.notify();
      halted.finish();
      place.notify();
      all.end_fired();
      EXPECT_EQ(all.fired(), count);
      return is_halted;
    });
  }
}

TEST_P(HaltedWaker, who_arms_anew_beside_one_who_goes_on_waking_is_fired_by_the_next) {
  at_every_step([](std::size_t step) {
    Place place{GetParam()};
    Recorders all{place.set, 2 * kMany};
    all.arm();
    place.notify();
    EXPECT_TRUE(all[0].is_fired());
    HaltedThread halted{step, [&all] { all[0].end(); }};
    const bool is_halted = halted.is_halted();
    all.end_fired();
    EXPECT_EQ(all.fired(), all.size()) << "the others go on";
    for (std::size_t i = 1; i < all.size(); ++i) all[i].arm();
    place.notify();
    halted.finish();
    place.notify();
    all.end_fired();
    EXPECT_EQ(all.fired(), all.size());
    return is_halted;
  });
}

TEST_P(HaltedWaker, the_flag_is_not_lowered_before_everybody_is_fired) {
  at_every_step([](std::size_t step) {
    Place place{GetParam()};
    Recorders first{place.set, 1};
    Recorder other{place.set};
    first.arm();
    HaltedThread halted{step, [&place] { place.notify(); }};
    const bool is_halted = halted.is_halted();
    other.arm();
    halted.finish();
    place.notify();
    EXPECT_TRUE(other.is_fired());
    return is_halted;
  });
}

TEST_P(HaltedWaker, what_a_halted_notifier_looks_at_stays_until_it_goes_on) {
  at_every_step([](std::size_t step) {
    Place place{GetParam()};
    Recorders all{place.set, 2};
    all.arm();
    HaltedThread halted{step, [&place] { place.notify(); }};
    const bool is_halted = halted.is_halted();
    all[0].release();
    EXPECT_LE(Recorder::alive, 2U);
    Recorder successor{place.set};
    successor.arm();
    halted.finish();
    EXPECT_EQ(Recorder::alive, 2U) << "the successor and the second";
    place.notify();
    all.end_fired();
    EXPECT_TRUE(successor.is_fired());
    return is_halted;
  });
  EXPECT_EQ(Recorder::alive, 0U);
}

TEST_P(HaltedWaker, an_arming_ends_once_though_one_who_ends_it_is_halted) {
  for (const bool is_fired : {false, true}) {
    at_every_step([is_fired](std::size_t step) {
      Place place{GetParam()};
      Recorder one{place.set};
      one.arm();
      if (is_fired) place.notify();
      bool by_halted = false;
      HaltedThread halted{step, [&] { by_halted = one.end(); }};
      const bool is_halted = halted.is_halted();
      const bool by_other = one.end();
      halted.finish();
      EXPECT_NE(by_halted, by_other);
      one.arm();
      place.notify();
      EXPECT_TRUE(one.is_fired());
      EXPECT_TRUE(one.end());
      return is_halted;
    });
  }
}

}  // namespace
}  // namespace ron::test
