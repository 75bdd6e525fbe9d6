// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Threads on a bus write down what they do and when, under random schedules, halts and priorities;
// then the whole history is checked. HISTORY_OPS tells for how many operations (scripts/history).
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "any_bus.hpp"
#include "checker.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using Random = std::minstd_rand;

/// A time that stands in order with the calls before and after it, also as other threads see them:
/// without a full barrier on either side, what a sole publisher has stored would reach them a
/// little after the publish returned, and loads could be done before the clock is read.
std::int64_t now() {
  thread_local std::atomic<std::int64_t> barrier{0};
  barrier.exchange(0, std::memory_order_seq_cst);
  const std::int64_t time = std::chrono::steady_clock::now().time_since_epoch().count();
  barrier.exchange(time, std::memory_order_seq_cst);
  return time;
}

/// What happens to a thread between two of its operations.
class Schedule {
 public:
  explicit Schedule(unsigned seed) : random_{seed} {
    // Only ever lower; refused or not, it is as good.
    if (below(3) == 0) {
      ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), static_cast<int>(below(15)));
    }
    pace_ = 2 << below(10);
  }
  [[nodiscard]] unsigned below(unsigned bound) { return static_cast<unsigned>(random_()) % bound; }
  void pause() {
    const unsigned what = below(static_cast<unsigned>(pace_));
    if (what == 0) std::this_thread::sleep_for(std::chrono::microseconds{below(200)});
    if (what == 1) std::this_thread::yield();
  }

 private:
  Random random_;
  int pace_ = 0;
};

struct Round {
  BusSpec spec;
  unsigned seed = 0;
  std::size_t publishers = 1;
  std::size_t subscribers = 1;
  std::size_t messages = 0;  ///< of each publisher
  bool closes_early = false;
  bool gates = false;
};

std::ostream& operator<<(std::ostream& out, const Round& round) {
  return out << "seed " << round.seed << ": " << name_of(round.spec.storage) << " "
             << name_of(round.spec.mode) << " of " << round.spec.capacity << ", "
             << round.publishers << " publishers, " << round.subscribers << " subscribers";
}

Round random_round(unsigned seed, std::size_t messages) {
  Random random{seed};
  const auto below = [&](std::size_t bound) { return random() % bound; };
  for (int i = 0; i < 5; ++i) random();
  Round round;
  round.seed = seed;
  round.spec = {.storage = kAllStorages[below(std::size(kAllStorages))],
                .capacity = std::size_t{2} << below(9),
                .fence = below(3) == 0 ? FencePolicy::Portable : FencePolicy::Auto,
                .mode = kAllModes[below(std::size(kAllModes))],
                .flush_threshold = 1 + below(70)};
  round.publishers = is_sole(round.spec.storage) ? 1 : 1 + below(4);
  round.subscribers = 1 + below(5);
  round.messages = messages / round.publishers;
  round.closes_early = below(4) == 0;
  round.gates = below(3) == 0;
  return round;
}

class Recording {
 public:
  explicit Recording(const Round& round) : round_{round}, bus_{make_bus(round.spec)} {}

  History history() {
    history_.capacity = bus_->capacity();
    history_.publishers.resize(round_.publishers);
    std::vector<std::unique_ptr<Thread>> publishers;
    std::vector<std::unique_ptr<Thread>> subscribers;
    for (std::size_t i = 0; i < round_.subscribers; ++i) {
      subscribers.push_back(std::make_unique<Thread>([this, i] { subscribe(i); }));
    }
    for (std::size_t i = 0; i < round_.publishers; ++i) {
      publishers.push_back(std::make_unique<Thread>([this, i] { publish(i); }));
    }
    if (round_.closes_early) {
      while (bus_->published() < round_.messages / 2) std::this_thread::yield();
    } else {
      publishers.clear();
    }
    history_.close.begin = now();
    bus_->close();
    history_.close.end = now();
    publishers.clear();
    subscribers.clear();
    history_.published = bus_->published();
    history_.refused = bus_->refused();
    return std::move(history_);
  }

 private:
  void publish(std::size_t self) {
    Schedule schedule{round_.seed * 31 + static_cast<unsigned>(self)};
    std::vector<Publish>& log = history_.publishers[self];
    log.reserve(round_.messages);
    const auto outlet = bus_->publisher().value();
    std::size_t staged = 0;  // the first in the log that may be
    while (log.size() < round_.messages) {
      std::vector<Id> ids(schedule.below(8) == 0 ? 1 + schedule.below(40) : 1);
      for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = (Id{self} << 40U) | (log.size() + i);
      const std::int64_t begin = now();
      if (ids.size() > 1) {
        outlet->publish_many(ids);
      } else if (round_.gates && schedule.below(2) == 0) {
        static_cast<void>(outlet->publish_wait(ids.front(), {}, {}));
      } else if (schedule.below(16) == 0) {
        outlet->emplace(ids.front());
        outlet->flush();
      } else {
        outlet->publish(ids.front());
      }
      const std::int64_t end = now();
      for (const Id id : ids) log.push_back({id, self, {begin, end}});
      if (outlet->staged() == 0) {
        for (; staged < log.size(); ++staged) log[staged].when.end = end;
      }
      schedule.pause();
    }
    outlet->flush();
    const std::int64_t end = now();
    for (; staged < log.size(); ++staged) log[staged].when.end = end;
  }

  void subscribe(std::size_t self) {
    Schedule schedule{round_.seed * 37 + 1000 + static_cast<unsigned>(self)};
    std::vector<Receive> log;
    const bool gates = round_.gates && self == 0;
    auto subscriber = start(log, gates);
    std::vector<Got> got;
    for (bool closed = false; !closed;) {
      const std::uint64_t cursor = subscriber->next_sequence();
      got.clear();
      const Way way = random_way(schedule);
      const std::int64_t begin = now();
      if (can_wait(way) && schedule.below(4) == 0) {
        got.push_back(subscriber->wait(way, std::chrono::microseconds{200}, {}));
      } else {
        subscriber->receive(way, 1 + schedule.below(50), got);
      }
      closed = write_down(log, got, cursor, {begin, now()});
      if (schedule.below(2000) == 0) {
        keep(std::exchange(log, {}));
        subscriber = start(log, gates);
      }
      schedule.pause();
    }
    keep(std::move(log));
  }

  std::unique_ptr<AnySubscriber> start(std::vector<Receive>& log, bool gates) {
    const std::int64_t begin = now();
    auto subscriber = bus_->subscribe(gates);
    log.push_back({Receive::Start, 0, subscriber->next_sequence(), {begin, now()}});
    return subscriber;
  }
  [[nodiscard]] Way random_way(Schedule& schedule) const {
    for (;;) {
      const Way way = kAllWays[schedule.below(std::size(kAllWays))];
      if (supports(round_.spec.storage, way)) return way;
    }
  }
  /// True at the end.
  static bool write_down(std::vector<Receive>& log, const std::vector<Got>& got,
                         std::uint64_t cursor, const Interval& when) {
    bool closed = false;
    for (const Got& one : got) {
      Receive::Kind kind = Receive::Nothing;
      if (one.kind == Got::Message) kind = Receive::Message;
      if (one.kind == Got::Lagged) kind = Receive::Lagged;
      if (one.kind == Got::Closed) kind = Receive::Closed;
      log.push_back({kind, one.value, cursor, when});
      if (kind == Receive::Message) ++cursor;
      closed |= kind == Receive::Closed;
    }
    return closed;
  }
  void keep(std::vector<Receive> log) {
    const std::scoped_lock lock{mutex_};
    history_.subscribers.push_back(std::move(log));
  }

  const Round round_;
  const std::unique_ptr<AnyBus> bus_;
  std::mutex mutex_;
  History history_;
};

TEST(History, of_random_runs_is_one_that_a_bus_may_have) {
  const char* const asked = std::getenv("HISTORY_OPS");
  const std::size_t operations = asked != nullptr ? std::stoull(asked) : scaled(400'000);
  const char* const first = std::getenv("HISTORY_SEED");
  unsigned seed = first != nullptr ? static_cast<unsigned>(std::stoul(first)) : 1;
  const std::size_t most = scaled(16'000);
  std::size_t done = 0;
  std::size_t lags = 0;
  std::size_t rounds = 0;
  for (; done < operations; ++seed, ++rounds) {
    const Round round = random_round(seed, most);
    const History history = Recording{round}.history();
    const std::string fault = fault_of(history);
    ASSERT_EQ(fault, "") << round;
    for (const auto& publishes : history.publishers) done += publishes.size();
    for (const auto& receives : history.subscribers) {
      for (const Receive& receive : receives) lags += receive.kind == Receive::Lagged;
      done += receives.size();
    }
  }
  std::cout << done << " operations in " << rounds << " runs, " << lags << " lags\n";
}

// That the checker finds what it is there to find.

class Checking : public testing::Test {
 protected:
  /// Two publishers, each by itself: a at 0, b at 1, ..., and a subscriber that saw it all.
  Checking() {
    history_.capacity = 4;
    history_.publishers.resize(2);
    std::vector<Receive> receives{{Receive::Start, 0, 0, {0, 1}}};
    for (std::uint64_t i = 0; i < 10; ++i) {
      const Id id = (Id{i % 2} << 40U) | i;
      const auto begin = static_cast<std::int64_t>(10 * i + 10);
      history_.publishers[i % 2].push_back({id, i % 2, {begin, begin + 2}});
      receives.push_back({Receive::Message, id, i, {begin + 4, begin + 5}});
    }
    receives.push_back({Receive::Closed, 0, 10, {203, 204}});
    history_.subscribers.push_back(receives);
    history_.close = {200, 201};
    history_.published = 10;
  }
  [[nodiscard]] std::string fault() const {
    const std::string what = fault_of(history_);
    return what.substr(0, what.find(" ("));
  }
  Receive& received(std::size_t at) { return history_.subscribers[0][at + 1]; }
  Publish& published(std::size_t at) { return history_.publishers[at % 2][at / 2]; }
  /// The second subscriber, which did just this after its start.
  void another(std::uint64_t start, std::int64_t when, const Receive& receive) {
    history_.subscribers.push_back({{Receive::Start, 0, start, {when, when}}, receive});
  }

  History history_;
};

TEST_F(Checking, finds_nothing_wrong_with_what_is_right) {
  EXPECT_EQ(fault(), "");
  another(0, 0, {Receive::Lagged, 6, 0, {190, 191}});
  EXPECT_EQ(fault(), "");
}

TEST_F(Checking, finds_messages_from_nobody_and_those_that_come_twice) {
  received(3).value = 77;
  EXPECT_EQ(fault(), "received from nobody");
  received(3).value = received(2).value;
  EXPECT_EQ(fault(), "at two places");
}

TEST_F(Checking, finds_two_orders_and_the_wrong_one) {
  another(3, 35, {Receive::Message, received(4).value, 3, {190, 191}});
  EXPECT_EQ(fault(), "two orders");
  history_.subscribers.pop_back();
  std::swap(received(2).value, received(3).value);
  EXPECT_EQ(fault(), "published before what precedes it began");
  std::swap(received(2).value, received(3).value);
  published(2).when.end = published(3).when.end = 60;  // they meet, but are of one publisher
  std::swap(received(2).value, received(4).value);
  EXPECT_EQ(fault(), "not in its publisher's order");
}

TEST_F(Checking, finds_cursors_that_jump_and_ends_that_are_none) {
  received(5).cursor = 6;
  EXPECT_EQ(fault(), "a cursor that jumps");
  received(5).cursor = 5;
  received(10).cursor = 9;
  EXPECT_EQ(fault(), "a cursor that jumps");
  received(9).kind = Receive::Closed;
  EXPECT_NE(fault(), "");
}

TEST_F(Checking, finds_lags_that_are_off_by_one) {
  another(0, 0, {Receive::Lagged, 5, 0, {190, 191}});
  EXPECT_EQ(fault(), "a lag that leads to what is overwritten");
  history_.subscribers[1][1].value = 7;
  EXPECT_EQ(fault(), "a lag that leads beyond the oldest");
}

TEST_F(Checking, finds_what_disagrees_with_time) {
  another(9, 101, {Receive::Nothing, 0, 9, {190, 191}});
  EXPECT_EQ(fault(), "nothing, although there is something");
  history_.subscribers.pop_back();
  another(0, 190, {Receive::Nothing, 0, 0, {191, 191}});
  EXPECT_EQ(fault(), "a start that is no tail");
  history_.subscribers.pop_back();
  another(0, 0, {Receive::Message, received(0).value, 0, {190, 191}});
  EXPECT_EQ(fault(), "received after it was overwritten");
  history_.subscribers.pop_back();
  received(9).when = {95, 96};
  EXPECT_EQ(fault(), "received before it was published");
  received(9).when = {106, 107};
  published(9).when = {202, 202};
  EXPECT_EQ(fault(), "published after the close");
}

TEST_F(Checking, finds_counts_that_do_not_add_up) {
  history_.refused = 1;
  EXPECT_EQ(fault(), "neither published nor refused");
}

}  // namespace
}  // namespace ron::test
