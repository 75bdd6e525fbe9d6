// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/wait/waiter_set.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ronbus/sync/attention.hpp>
#include <ronbus/wait/bell.hpp>
#include <ronbus/wait/blocking_wait.hpp>

#include "meeting.hpp"
#include "recorder.hpp"
#include "threads.hpp"

namespace ron::wait {
namespace {

using namespace std::chrono_literals;
using sync::Attention;
using sync::FenceKind;
using test::Thread;

constexpr std::size_t kWakes = WaiterSet::kWakesPerNotify;

using test::Recorder;
using test::Recorders;

class WaiterSetTest : public testing::TestWithParam<FenceKind> {
 protected:
  void SetUp() override {
    // Asking registers the process for the heavy fence.
    if (GetParam() == FenceKind::Membarrier && !sync::membarrier_available()) {
      GTEST_SKIP() << "no membarrier here";
    }
  }

  [[nodiscard]] bool is_raised() const { return (attention_.peek() & Attention::kSleepers) != 0; }
  void notify(Interest interest = kEverything) {
    if ((attention_.after_access() & Attention::kSleepers) != 0) set_.notify(interest);
  }

  Attention attention_{GetParam()};
  WaiterSet set_{attention_};
  Owner owner_;
};

INSTANTIATE_TEST_SUITE_P(All, WaiterSetTest,
                         testing::Values(FenceKind::Membarrier, FenceKind::SeqCst),
                         [](const auto& which) {
                           return which.param == FenceKind::SeqCst ? "Portable" : "Membarrier";
                         });

// Who is fired, and what is left behind.

TEST_P(WaiterSetTest, one_whose_hook_fails_is_fired_by_the_next_notifier) {
  for (const std::size_t failing : {0U, 1U}) {
    Recorders both{set_, 2};
    both.arm();
    both[failing].refuse(true);
    notify();
    EXPECT_EQ(both.fired(), 1U);
    EXPECT_TRUE(is_raised());
    both[failing].refuse(false);
    notify();
    EXPECT_EQ(both.fired(), 2U);
    EXPECT_FALSE(is_raised());
  }
}

TEST_P(WaiterSetTest, those_whose_hooks_fail_cost_no_other_and_are_fired_by_the_next_notifier) {
  for (const bool by_all : {false, true}) {
    Recorders all{set_, 2 * kWakes};
    all.arm();
    for (std::size_t i = 0; i < all.size(); i += 2) all[i].refuse(true);
    by_all ? set_.notify_all() : notify();
    EXPECT_EQ(all.fired(), kWakes);
    EXPECT_TRUE(is_raised());
    for (const auto& one : all) one->refuse(false);
    by_all ? set_.notify_all() : notify();
    EXPECT_EQ(all.fired(), 2 * kWakes);
    EXPECT_FALSE(is_raised());
    for (const auto& one : all) EXPECT_EQ(one->fired().size(), 1U);
  }
}

TEST_P(WaiterSetTest, a_notifier_fires_who_is_armed_once_and_lowers_the_flag) {
  Recorder armed{set_};
  Recorder idle{set_};
  armed.arm();
  EXPECT_TRUE(is_raised());
  notify();
  EXPECT_THAT(armed.fired(), testing::ElementsAre(armed.ticket()));
  EXPECT_FALSE(is_raised()) << "nobody is left";
  notify();
  EXPECT_EQ(armed.fired().size(), 1U);
  EXPECT_TRUE(idle.fired().empty());
  EXPECT_TRUE(armed.end());
  EXPECT_EQ(armed.wakeups(), 1U);
}

TEST_P(WaiterSetTest, a_notification_counts_once_however_many_it_wakes) {
  Recorders all{set_, kWakes};
  all.arm();
  notify();
  EXPECT_EQ(set_.counts().wakeups, 0U) << "counted when they go on";
  for (const auto& one : all) one->end();
  EXPECT_EQ(set_.counts().notifications, 1U);
  EXPECT_EQ(set_.counts().wakeups, kWakes);
  all.arm();
  set_.notify_all();
  for (const auto& one : all) one->end();
  EXPECT_EQ(set_.counts().notifications, 1U) << "nothing was published";
  EXPECT_EQ(set_.counts().wakeups, 2 * kWakes);
}

TEST_P(WaiterSetTest, an_arming_ends_once_and_by_its_own_ticket_only) {
  Recorder one{set_};
  one.arm();
  const Ticket old = one.ticket();
  EXPECT_TRUE(one.end());
  EXPECT_FALSE(one.end());
  one.arm();
  EXPECT_NE(one.ticket(), old);
  EXPECT_FALSE(set_.end(one.waiter(), old));
  notify();
  EXPECT_THAT(one.fired(), testing::ElementsAre(one.ticket()));
  EXPECT_TRUE(one.end());
  EXPECT_EQ(one.wakeups(), 1U) << "the first ended unfired";
}

TEST_P(WaiterSetTest, who_gave_up_is_not_fired_and_the_next_notifier_lowers_the_flag) {
  Recorder one{set_};
  one.arm();
  EXPECT_TRUE(one.end());
  EXPECT_TRUE(is_raised());
  notify();
  EXPECT_TRUE(one.fired().empty());
  EXPECT_FALSE(is_raised());
}

TEST_P(WaiterSetTest, who_armed_anew_is_not_fired_for_what_was_before) {
  Recorders all{set_, 3};
  // The notifier has found the third one due by then.
  all[1].on_fire([&all] {
    all[2].end();
    all[2].arm();
  });
  all.arm();
  notify();
  EXPECT_TRUE(all[1].is_fired());
  EXPECT_TRUE(all[2].fired().empty());
  notify();
  EXPECT_TRUE(all[2].is_fired());
}

TEST_P(WaiterSetTest, a_notifier_fires_a_few_and_those_fire_the_others) {
  for (const std::size_t count : {2U, 4U, 5U, 16U, 17U, 64U, 65U, 300U}) {
    Recorders all{set_, count};
    all.arm();
    notify();
    EXPECT_EQ(all.fired(), std::min(count, kWakes));
    EXPECT_EQ(is_raised(), count > kWakes) << "lowered only when nobody armed is left";
    all.end_fired();
    for (const auto& one : all) EXPECT_EQ(one->fired().size(), 1U);
    notify();
    EXPECT_FALSE(is_raised());
  }
}

TEST_P(WaiterSetTest, the_next_notifier_goes_on_where_those_who_were_fired_do_not) {
  Recorders all{set_, 3 * kWakes};
  all.arm();
  for (std::size_t round = 1; round <= 3; ++round) {
    EXPECT_TRUE(is_raised());
    notify();
    EXPECT_EQ(all.fired(), round * kWakes);
  }
  notify();
  EXPECT_FALSE(is_raised());
  for (const auto& one : all) EXPECT_EQ(one->fired().size(), 1U);
}

TEST_P(WaiterSetTest, one_who_goes_on_is_enough) {
  Recorders all{set_, 10 * kWakes};
  all.arm();
  notify();
  // Of those who are fired at a time all but one are halted.
  for (std::size_t fired = 0; fired < all.fired();) {
    fired = all.fired();
    const auto one = std::ranges::find_if(all, [](const auto& candidate) {
      return candidate->is_fired() && candidate->wakeups() == 0;
    });
    ASSERT_NE(one, all.end());
    (*one)->end();
  }
  EXPECT_EQ(all.fired(), all.size());
}

TEST_P(WaiterSetTest, who_goes_away_fired_wakes_the_others_on_its_way) {
  Recorders all{set_, kWakes + 1};
  all.arm();
  notify();
  std::size_t gone = 0;
  while (!all[gone].is_fired()) ++gone;
  all[gone].release();
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_TRUE(i == gone || all[i].is_fired());
}

TEST_P(WaiterSetTest, asynchronous_waiters_whose_executor_stands_still_keep_no_thread_asleep) {
  Recorders standing{set_, 3 * kWakes};
  Waiter* const thread = set_.claim(owner_);
  standing.arm();
  const Ticket ticket = set_.arm(*thread);
  notify();
  WaiterSet::doze(*thread, ticket, {});
  EXPECT_TRUE(set_.end(*thread, ticket));
  EXPECT_EQ(owner_.wakeups.load(std::memory_order_relaxed), 1U);
  EXPECT_EQ(standing.fired(), 2 * kWakes) << "half by the notifier, half by the thread";
  set_.release(*thread);
}

TEST_P(WaiterSetTest, who_was_fired_fires_those_behind_it_first) {
  Recorders low{set_, 2 * kWakes};
  Recorders high{set_, 2 * kWakes};
  for (const auto& one : low) set_.set_interest(one->waiter(), 0b01);
  for (const auto& one : high) set_.set_interest(one->waiter(), 0b10);
  low.arm();
  high.arm();
  notify(0b10);
  notify(0b01);
  EXPECT_EQ(high.fired(), kWakes);
  EXPECT_EQ(low.fired(), kWakes);
  // From the lowest on it would be the low ones, who may arm again and again.
  EXPECT_TRUE(high[kWakes - 1].end());
  EXPECT_EQ(high.fired(), 2 * kWakes);
  EXPECT_EQ(low.fired(), kWakes);
  // Behind the last there are the first.
  EXPECT_TRUE(high[2 * kWakes - 1].end());
  EXPECT_EQ(low.fired(), 2 * kWakes);
}

TEST_P(WaiterSetTest, notify_all_fires_everybody_at_once) {
  Recorders all{set_, 100};
  all.arm();
  set_.set_interest(all[99].waiter(), 0);
  set_.notify_all();
  EXPECT_EQ(all.fired(), all.size());
  EXPECT_FALSE(is_raised());
}

/// Wrong fences show only where two processors meet within nanoseconds: the pauses change so that
/// they do.
TEST_P(WaiterSetTest, who_does_not_see_what_happened_after_arming_is_fired) {
  const std::size_t rounds = test::scaled(4'000);
  test::Meeting meeting;
  alignas(sync::kCacheLine) std::atomic<std::size_t> happened{0};
  std::size_t blind = 0;
  Thread notifier{[&] {
    test::stay_on_processor(0);
    for (std::size_t round = 1; round <= rounds; ++round) {
      meeting.arrive(meeting.hot, meeting.rare);
      test::pause(round * 7 % 31);
      // relaxed: all that is ordered beyond that is the waiter set's doing.
      happened.store(round, std::memory_order_relaxed);
      notify();
      meeting.arrive(meeting.hot, meeting.rare);
    }
  }};
  Thread waiter{[&] {
    test::stay_on_processor(1);
    Recorder one{set_};
    for (std::size_t round = 1; round <= rounds; ++round) {
      meeting.arrive(meeting.rare, meeting.hot);
      test::pause(round * 5 % 23);
      one.arm();
      const bool seen = happened.load(std::memory_order_relaxed) == round;
      meeting.arrive(meeting.rare, meeting.hot);
      blind += !seen && !one.is_fired();
      one.end();
      notify();  // lowers the flag
    }
  }};
  notifier.join();
  waiter.join();
  EXPECT_EQ(blind, 0U);
}

// Interest.

TEST_P(WaiterSetTest, only_who_is_interested_is_fired) {
  Recorder odd{set_};
  Recorder even{set_};
  Recorder any{set_};
  set_.set_interest(odd.waiter(), 0b10);
  set_.set_interest(even.waiter(), 0b101);
  for (Recorder* one : {&odd, &even, &any}) one->arm();
  notify(0);
  EXPECT_TRUE(any.is_fired()) << "who wants everything is told of messages about nothing, too";
  EXPECT_FALSE(odd.is_fired() || even.is_fired());
  notify(0b100);
  EXPECT_FALSE(odd.is_fired());
  EXPECT_TRUE(even.is_fired());
  EXPECT_TRUE(is_raised()) << "somebody still waits";
  notify(0b1000);
  EXPECT_FALSE(odd.is_fired());
  notify(0b11);
  EXPECT_TRUE(odd.is_fired());
  EXPECT_FALSE(is_raised());
}

TEST_P(WaiterSetTest, a_new_owner_is_interested_in_everything) {
  Waiter* first = nullptr;
  {
    Recorder one{set_};
    first = &one.waiter();
    set_.set_interest(one.waiter(), 0);
  }
  Recorder another{set_};
  ASSERT_EQ(&another.waiter(), first) << "places are used again";
  another.arm();
  notify(1);
  EXPECT_TRUE(another.is_fired());
}

// Coming and going.

TEST_P(WaiterSetTest, a_context_is_dropped_when_its_waiter_is_released) {
  Recorder one{set_};
  one.arm();
  EXPECT_EQ(Recorder::alive, 1U);
  one.release();
  EXPECT_EQ(Recorder::alive, 0U);
  notify();
}

TEST_P(WaiterSetTest, places_are_handed_from_thread_to_thread_with_all_that_is_in_them) {
  struct Context {
    std::size_t fired = 0;
    std::size_t dropped = 0;
  };
  const auto use = [this](Context& context) {
    Owner owner;
    for (std::size_t i = 0; i < test::scaled(16000); ++i) {
      Waiter* const waiter = set_.claim(
          owner, {.fire =
                      [](void* own, Ticket) noexcept {
                        ++static_cast<Context*>(own)->fired;
                        return true;
                      },
                  .drop = [](void* own) noexcept { ++static_cast<Context*>(own)->dropped; },
                  .context = &context});
      static_cast<void>(set_.arm(*waiter));
      WaiterSet::wake(*waiter);
      set_.release(*waiter);
    }
  };
  Context here;
  Context there;
  Thread other{[&] { use(there); }};
  use(here);
  other.join();
  for (const Context& each : {here, there}) {
    EXPECT_EQ(each.fired, test::scaled(16000));
    EXPECT_EQ(each.dropped, test::scaled(16000));
  }
}

TEST_P(WaiterSetTest, a_bell_goes_with_its_last_share) {
  for (std::size_t i = 0; i < test::scaled(160); ++i) {
    Bell& bell = Bell::make();
    Waiter& waiter = bell.claim(set_, owner_, kEverything);
    Thread other{[&] {
      bell.ring();
      bell.release();
    }};
    static_cast<void>(set_.arm(waiter));
    WaiterSet::wake(waiter);
    set_.release(waiter);
    other.join();
  }
}

TEST_P(WaiterSetTest, a_context_in_use_is_dropped_by_its_last_user) {
  struct Context {
    WaiterSet& set;
    Waiter* waiter = nullptr;
    bool dropped = false;
    bool dropped_in_use = false;
  };
  Context context{set_};
  context.waiter = set_.claim(
      owner_, {.fire =
                   [](void* self, Ticket) noexcept {
                     auto& mine = *static_cast<Context*>(self);
                     mine.set.release(*mine.waiter);
                     mine.dropped_in_use = mine.dropped;
                     return true;
                   },
               .drop = [](void* self) noexcept { static_cast<Context*>(self)->dropped = true; },
               .context = &context});
  static_cast<void>(set_.arm(*context.waiter));
  notify();
  EXPECT_FALSE(context.dropped_in_use);
  EXPECT_TRUE(context.dropped);
}

// Threads that sleep.

class SleepTest : public WaiterSetTest {
 protected:
  /// A thread that waits for the value.
  class Sleeper {
   public:
    Sleeper(SleepTest& test, std::stop_token stop = {})
        : waiter_{test.set_.claim(owner_)}, thread_{[this, &test, token = std::move(stop)] {
            answer_ = test.wait(*waiter_, {}, token);
          }} {}
    [[nodiscard]] Thread& thread() { return thread_; }
    [[nodiscard]] std::uint64_t wakeups() const {
      return owner_.wakeups.load(std::memory_order_relaxed);
    }
    WaitStatus answer() {
      thread_.join();
      return answer_;
    }

   private:
    Owner owner_;
    Waiter* waiter_;
    WaitStatus answer_ = WaitStatus::Timeout;
    Thread thread_;
  };

  [[nodiscard]] WaitStatus wait(Waiter& waiter, const Deadline& deadline = {},
                                const std::stop_token& stop = {},
                                WaitStrategy strategy = WaitStrategy::SpinThenSleep) {
    return wait::wait(
        set_, waiter, strategy, [this] { return value_.load(std::memory_order_relaxed); }, deadline,
        stop);
  }
  void raise_value() {
    value_.store(true, std::memory_order_relaxed);
    notify();
  }

  std::atomic<bool> value_{false};
};

INSTANTIATE_TEST_SUITE_P(All, SleepTest, testing::Values(FenceKind::Membarrier, FenceKind::SeqCst),
                         [](const auto& which) {
                           return which.param == FenceKind::SeqCst ? "Portable" : "Membarrier";
                         });

TEST_P(SleepTest, every_strategy_looks_at_the_condition_then_the_stop_then_the_deadline) {
  Waiter* const waiter = set_.claim(owner_);
  std::stop_source stop;
  stop.request_stop();
  const auto past = std::chrono::steady_clock::now() - 1s;
  for (const WaitStrategy strategy : {WaitStrategy::BusySpin, WaitStrategy::Yield,
                                      WaitStrategy::SpinThenSleep, WaitStrategy::SleepAtOnce}) {
    value_ = true;
    EXPECT_EQ(wait(*waiter, past, stop.get_token(), strategy), WaitStatus::Ready);
    value_ = false;
    EXPECT_EQ(wait(*waiter, past, stop.get_token(), strategy), WaitStatus::Stopped);
    EXPECT_EQ(wait(*waiter, past, {}, strategy), WaitStatus::Timeout);
    EXPECT_EQ(wait(*waiter, std::chrono::steady_clock::now() + 1ms, {}, strategy),
              WaitStatus::Timeout);
  }
}

TEST_P(SleepTest, only_strategies_that_sleep_ask_to_be_woken) {
  Waiter* const waiter = set_.claim(owner_);
  const auto soon = [] { return std::chrono::steady_clock::now() + 100us; };
  for (const WaitStrategy strategy : {WaitStrategy::BusySpin, WaitStrategy::Yield}) {
    EXPECT_EQ(wait(*waiter, soon(), {}, strategy), WaitStatus::Timeout);
    EXPECT_FALSE(is_raised());
  }
  EXPECT_EQ(wait(*waiter, soon(), {}, WaitStrategy::SleepAtOnce), WaitStatus::Timeout);
  EXPECT_TRUE(is_raised());
}

TEST_P(SleepTest, one_notification_wakes_every_sleeper) {
  std::vector<std::unique_ptr<Sleeper>> sleepers;
  for (std::size_t i = 0; i < 5 * kWakes; ++i) sleepers.push_back(std::make_unique<Sleeper>(*this));
  for (const auto& sleeper : sleepers) sleeper->thread().wait_until_asleep();
  EXPECT_TRUE(is_raised());
  raise_value();
  for (const auto& sleeper : sleepers) {
    EXPECT_EQ(sleeper->answer(), WaitStatus::Ready);
    EXPECT_EQ(sleeper->wakeups(), 1U);
  }
  notify();
  EXPECT_FALSE(is_raised());
}

TEST_P(SleepTest, a_sleeper_woken_without_cause_goes_on_sleeping) {
  Sleeper sleeper{*this};
  for (int i = 0; i < 3; ++i) {
    sleeper.thread().wait_until_asleep();
    set_.notify_all();
  }
  sleeper.thread().wait_until_asleep();
  EXPECT_FALSE(sleeper.thread().is_done());
  raise_value();
  EXPECT_EQ(sleeper.answer(), WaitStatus::Ready);
}

TEST_P(SleepTest, a_stop_wakes_the_sleeper_it_concerns_and_no_other) {
  std::stop_source stop;
  Sleeper stopped{*this, stop.get_token()};
  Sleeper other{*this};
  stopped.thread().wait_until_asleep();
  other.thread().wait_until_asleep();
  stop.request_stop();
  EXPECT_EQ(stopped.answer(), WaitStatus::Stopped);
  raise_value();
  EXPECT_EQ(other.answer(), WaitStatus::Ready);
  EXPECT_EQ(other.wakeups(), 1U);
}

TEST_P(SleepTest, who_was_stopped_before_does_not_sleep) {
  std::stop_source stop;
  stop.request_stop();
  Waiter* const waiter = set_.claim(owner_);
  EXPECT_EQ(sleep(
                set_, *waiter, [] { return false; }, std::chrono::steady_clock::now() + 10s,
                stop.get_token()),
            WaitStatus::Stopped);
  set_.release(*waiter);
}

/// Two threads hand a turn to each other. Each answers after a pause that changes from turn to
/// turn, so that every moment of falling asleep is met; a lost wake-up would leave both asleep.
TEST_P(SleepTest, no_wake_up_is_lost_when_two_threads_take_turns) {
  const std::size_t turns = test::scaled(40'000);
  std::atomic<std::size_t> turn{0};
  std::atomic<bool> lost{false};
  const auto play = [&](std::size_t parity) {
    Waiter* const waiter = set_.claim(owner_);
    for (std::size_t mine = parity; mine < turns && !lost; mine += 2) {
      // relaxed and release: all that is ordered beyond that is the waiter set's doing.
      const auto is_mine = [&] { return lost || turn.load(std::memory_order_acquire) == mine; };
      const WaitStrategy strategy =
          mine % 3 == 0 ? WaitStrategy::SleepAtOnce : WaitStrategy::SpinThenSleep;
      if (wait::wait(set_, *waiter, strategy, is_mine, std::chrono::steady_clock::now() + 30s,
                     {}) != WaitStatus::Ready) {
        lost = true;
      }
      for (std::size_t pause = mine * 7 % 240; pause > 0; --pause) sync::cpu_relax();
      turn.store(mine + 1, std::memory_order_release);
      notify();
    }
    set_.release(*waiter);
  };
  Thread even{[&] { play(0); }};
  Thread odd{[&] { play(1); }};
  even.join();
  odd.join();
  EXPECT_FALSE(lost);
  EXPECT_EQ(turn, turns);
}

}  // namespace
}  // namespace ron::wait
