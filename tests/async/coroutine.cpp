// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Receiving with co_await, one thread at a time.
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ronbus/coroutine.hpp>
#include <ronbus/ronbus.hpp>

#include "coroutines.hpp"
#include "payloads.hpp"

namespace ron::test {
namespace {

using testing::ElementsAre;

template <class T>
Bus<T> bus_of(std::size_t capacity = 8, bool sole = false) {
  return BusBuilder{}
      .environment([](std::string_view) { return std::nullopt; })
      .cap(capacity)
      .single_publisher(sole)
      .template build<T>()
      .value();
}

/// What receives gave, one after the other.
struct Log {
  std::vector<Id> ids;
  std::vector<RecvError> errors;

  template <class T>
  void note(const std::expected<T, RecvError>& got) {
    if (!got) {
      errors.push_back(got.error());
    } else if constexpr (requires { **got; }) {
      ids.push_back(id_of(**got));
    } else {
      ids.push_back(id_of(*got));
    }
  }
};

template <class T>
Task receive_all(AsyncSubscriber<T>& rx, Log& log, std::stop_token stop = {}) {
  while (auto message = co_await rx.next(stop)) log.note(message);
  log.errors.push_back(RecvError::Closed);
}

template <class T>
Task receive_some(AsyncSubscriber<T>& rx, int count, Log& log, std::stop_token stop = {}) {
  for (int i = 0; i < count; ++i) {
    auto message = co_await rx.next(stop);
    log.note(message);
  }
}

template <class T>
class Coroutine : public testing::Test {
 protected:
  static constexpr bool kSole = std::is_same_v<T, Words24Bytes>;

  void publish(Id first, Id end) const {
    for (Id id = first; id < end; ++id)
      EXPECT_EQ(bus_.publish(make<T>(id)), bus_.subscriber_count());
  }
  AsyncSubscriber<T> subscribe(const AsyncOptions& options = {}) const {
    return AsyncSubscriber{bus_.subscribe(), executor_, options};
  }

  const std::shared_ptr<Queue> queue_ = Queue::make();
  const Executor executor_ = Queue::executor(queue_);
  Bus<T> bus_ = bus_of<T>(8, kSole);
};

using Payloads = testing::Types<Id, Words24Bytes, std::string>;
struct PayloadNames {
  template <class T>
  static std::string GetName(int /*index*/) {
    return std::is_same_v<T, Id> ? "Paired" : std::is_same_v<T, std::string> ? "Pinned" : "Dense";
  }
};
TYPED_TEST_SUITE(Coroutine, Payloads, PayloadNames);

TYPED_TEST(Coroutine, receives_what_is_there_without_a_stop) {
  auto rx = this->subscribe();
  this->publish(0, 3);
  Log log;
  const Task task = receive_some(rx, 3, log);
  EXPECT_TRUE(task.is_done());
  EXPECT_EQ(log.ids, (std::vector<Id>{0, 1, 2}));
  EXPECT_EQ(this->queue_->size(), 0U);
}

TYPED_TEST(Coroutine, goes_on_by_way_of_the_executor_and_not_inside_publish) {
  auto rx = this->subscribe();
  Log log;
  const Task task = receive_some(rx, 3, log);
  for (Id id = 0; id < 3; ++id) {
    EXPECT_EQ(this->queue_->size(), 0U);
    this->publish(id, id + 1);
    EXPECT_EQ(log.ids.size(), id) << "the publisher has not resumed it";
    EXPECT_EQ(rx.received(), id) << "the cursor moves with the resumption";
    EXPECT_EQ(this->queue_->run(), 1U) << "one wake-up for one message";
    EXPECT_EQ(log.ids.size(), id + 1);
  }
  EXPECT_TRUE(task.is_done());
}

TYPED_TEST(Coroutine, is_woken_once_for_a_burst) {
  auto rx = this->subscribe();
  Log log;
  const Task task = receive_all(rx, log);
  this->publish(0, 8);
  EXPECT_EQ(this->queue_->size(), 1U);
  this->queue_->run();
  EXPECT_EQ(log.ids.size(), 8U);
  EXPECT_FALSE(task.is_done());
  EXPECT_EQ(this->bus_.subscribers().front().wakeups, 1U) << "as it is told from outside";
}

TYPED_TEST(Coroutine, is_told_of_its_lag_and_goes_on_at_the_oldest_retained) {
  auto rx = this->subscribe();
  Log log;
  const Task task = receive_some(rx, 9, log);
  this->publish(0, 11);
  this->queue_->run();
  EXPECT_TRUE(task.is_done());
  EXPECT_THAT(log.errors, ElementsAre(RecvError::lagged(3)));
  EXPECT_EQ(log.ids, (std::vector<Id>{3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(rx.received() + rx.missed(), this->bus_.published());
}

TYPED_TEST(Coroutine, drains_a_closed_bus_then_ends) {
  auto rx = this->subscribe();
  Log log;
  const Task task = receive_all(rx, log);
  this->publish(0, 2);
  this->bus_.close();
  this->queue_->run();
  EXPECT_TRUE(task.is_done());
  EXPECT_EQ(log.ids, (std::vector<Id>{0, 1}));
}

TYPED_TEST(Coroutine, is_woken_by_close) {
  auto rx = this->subscribe();
  Log log;
  const Task task = receive_some(rx, 2, log);
  this->bus_.close();
  EXPECT_FALSE(task.is_done());
  this->queue_->run();
  EXPECT_TRUE(task.is_done()) << "a second receive is not suspended";
  EXPECT_THAT(log.errors, ElementsAre(RecvError::Closed, RecvError::Closed));
}

TYPED_TEST(Coroutine, is_woken_by_a_stop_request_and_loses_nothing) {
  auto rx = this->subscribe();
  std::stop_source stop;
  Log log;
  const Task task = receive_some(rx, 1, log, stop.get_token());
  EXPECT_FALSE(task.is_done());
  stop.request_stop();
  EXPECT_FALSE(task.is_done()) << "whoever requests it does not resume";
  EXPECT_EQ(this->queue_->run(), 1U);
  EXPECT_TRUE(task.is_done());
  EXPECT_THAT(log.errors, ElementsAre(RecvError::Stopped));
  this->publish(0, 1);
  EXPECT_EQ(id_of(rx.try_recv().value()), 0U);
}

TYPED_TEST(Coroutine, receives_what_is_there_before_it_is_stopped) {
  auto rx = this->subscribe();
  std::stop_source stop;
  Log log;
  const Task task = receive_some(rx, 3, log, stop.get_token());
  stop.request_stop();
  this->publish(0, 1);
  this->queue_->run();
  EXPECT_TRUE(task.is_done()) << "stopped without a suspension, too";
  EXPECT_EQ(log.ids, std::vector<Id>{0});
  EXPECT_THAT(log.errors, ElementsAre(RecvError::Stopped, RecvError::Stopped));
}

TYPED_TEST(Coroutine, destroyed_while_it_waits_has_received_nothing) {
  auto rx = this->subscribe();
  Log log;
  {
    const Task task = receive_all(rx, log);
  }
  this->publish(0, 1);
  EXPECT_EQ(this->queue_->size(), 0U) << "nobody is left to be woken";
  const Task next = receive_some(rx, 1, log);
  EXPECT_EQ(log.ids, std::vector<Id>{0});
}

TYPED_TEST(Coroutine, destroyed_after_it_was_woken_has_received_nothing) {
  auto rx = this->subscribe();
  Log log;
  std::optional<Task> task{receive_all(rx, log)};
  this->publish(0, 1);
  EXPECT_EQ(this->queue_->size(), 1U);
  task.reset();
  EXPECT_EQ(this->queue_->run(), 1U) << "which does nothing";
  EXPECT_EQ(rx.received(), 0U);
  const Task next = receive_all(rx, log);
  EXPECT_EQ(log.ids, std::vector<Id>{0});
  this->publish(1, 2);
  this->queue_->run();
  EXPECT_EQ(log.ids, (std::vector<Id>{0, 1}));
}

TYPED_TEST(Coroutine, a_wakeup_of_a_wait_that_ended_does_not_end_the_next_one) {
  auto rx = this->subscribe();
  Log log;
  std::optional<Task> task{receive_all(rx, log)};
  this->publish(0, 1);
  task.reset();
  EXPECT_EQ(id_of(rx.try_recv().value()), 0U);
  task.emplace(receive_all(rx, log));
  EXPECT_EQ(this->queue_->run(), 1U);
  EXPECT_FALSE(task->is_done());
  this->publish(1, 2);
  EXPECT_EQ(this->queue_->run(), 1U);
  EXPECT_EQ(log.ids, std::vector<Id>{1});
}

TYPED_TEST(Coroutine, woken_when_another_has_read_the_message_waits_on) {
  auto rx = this->subscribe();
  Log log;
  const Task task = receive_all(rx, log);
  this->publish(0, 1);
  EXPECT_EQ(id_of(rx.try_recv().value()), 0U);
  EXPECT_EQ(this->queue_->run(), 1U);
  EXPECT_TRUE(log.ids.empty());
  this->publish(1, 2);
  EXPECT_EQ(this->queue_->run(), 1U);
  EXPECT_EQ(log.ids, std::vector<Id>{1});
}

TYPED_TEST(Coroutine, each_of_many_is_woken_by_one_message) {
  constexpr std::size_t kCount = 100;
  std::vector<std::unique_ptr<AsyncSubscriber<TypeParam>>> subscribers;
  std::vector<Task> tasks;
  std::vector<Log> logs(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    subscribers.push_back(std::make_unique<AsyncSubscriber<TypeParam>>(this->subscribe()));
    tasks.push_back(receive_all(*subscribers.back(), logs[i]));
  }
  this->publish(0, 1);
  EXPECT_LT(this->queue_->size(), 10U) << "a publisher wakes a few, and they the others";
  EXPECT_EQ(this->queue_->run(), kCount);
  for (const Log& log : logs) EXPECT_EQ(log.ids, std::vector<Id>{0});
}

TYPED_TEST(Coroutine, those_destroyed_after_they_were_woken_hand_on) {
  constexpr std::size_t kCount = 30;
  std::vector<std::unique_ptr<AsyncSubscriber<TypeParam>>> subscribers;
  std::vector<std::optional<Task>> tasks;
  std::vector<Log> logs(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    subscribers.push_back(std::make_unique<AsyncSubscriber<TypeParam>>(this->subscribe()));
    tasks.emplace_back(receive_all(*subscribers.back(), logs[i]));
  }
  this->publish(0, 1);
  for (std::size_t i = 0; i < kCount; i += 2) tasks[i].reset();
  this->queue_->run();
  for (std::size_t i = 0; i < kCount; ++i) EXPECT_EQ(logs[i].ids.size(), i % 2);
}

TYPED_TEST(Coroutine, that_always_finds_messages_lets_others_run) {
  constexpr AsyncOptions kBudget{.budget = 3};
  auto first = this->subscribe(kBudget);
  auto second = this->subscribe(kBudget);
  std::vector<int> turns;
  const auto receive = [](AsyncSubscriber<TypeParam>& rx, int who, std::vector<int>& all) -> Task {
    while (auto message = co_await rx.next()) {
      if (all.empty() || all.back() != who) all.push_back(who);
    }
  };
  this->publish(0, 8);
  const Task one = receive(first, 1, turns);
  EXPECT_EQ(first.received(), 3U) << "then it has gone to the executor";
  const Task two = receive(second, 2, turns);
  this->queue_->run();
  EXPECT_EQ(turns, (std::vector{1, 2, 1, 2, 1, 2}));
  EXPECT_EQ(first.received(), 8U);
  EXPECT_EQ(second.received(), 8U);
}

TYPED_TEST(Coroutine, destroyed_while_others_have_their_turn_loses_nothing) {
  auto rx = this->subscribe({.budget = 1});
  this->publish(0, 3);
  Log log;
  std::optional<Task> task{receive_all(rx, log)};
  EXPECT_EQ(log.ids.size(), 1U);
  task.reset();
  this->queue_->run();
  EXPECT_EQ(rx.received(), 1U);
  EXPECT_EQ(id_of(rx.try_recv().value()), 1U);
}

TYPED_TEST(Coroutine, goes_on_with_stopped_when_its_subscriber_is_destroyed) {
  auto rx = std::make_unique<AsyncSubscriber<TypeParam>>(this->subscribe());
  Log log;
  const Task task = receive_some(*rx, 1, log);
  this->publish(0, 1);
  rx.reset();
  this->bus_.close();
  EXPECT_FALSE(task.is_done());
  this->queue_->run();
  EXPECT_TRUE(task.is_done());
  EXPECT_THAT(log.errors, ElementsAre(RecvError::Stopped));
}

TYPED_TEST(Coroutine, may_destroy_its_subscriber_after_any_receive) {
  for (const bool waits : {false, true}) {
    Log log;
    auto rx = std::make_unique<AsyncSubscriber<TypeParam>>(this->subscribe());
    const auto receive = [](auto& from, Log& to) -> Task {
      auto got = co_await from->next();
      from.reset();
      to.note(got);
    };
    const Id id = this->bus_.published();
    if (!waits) this->publish(id, id + 1);
    const Task task = receive(rx, log);
    if (waits) this->publish(id, id + 1);
    this->queue_->run();
    EXPECT_THAT(log.ids, ElementsAre(id));
    EXPECT_TRUE(task.is_done());
  }
}

TYPED_TEST(Coroutine, wakeups_that_outlive_everything_do_nothing) {
  Log log;
  {
    auto bus = bus_of<TypeParam>();
    AsyncSubscriber rx{bus.subscribe(), this->executor_};
    const Task task = receive_all(rx, log);
    bus.publish(make<TypeParam>(0));
  }
  EXPECT_EQ(this->queue_->size(), 1U);
  EXPECT_EQ(this->queue_->run(), 1U);
  EXPECT_TRUE(log.ids.empty());
}

TYPED_TEST(Coroutine, whose_wakeup_was_dropped_can_still_be_stopped_or_destroyed) {
  auto rx = this->subscribe();
  Log log;
  std::stop_source stop;
  const Task stopped = receive_some(rx, 1, log, stop.get_token());
  this->publish(0, 1);
  this->queue_->drop();
  EXPECT_FALSE(stopped.is_done());
  stop.request_stop();
  EXPECT_EQ(this->queue_->run(), 1U);
  EXPECT_EQ(log.ids, std::vector<Id>{0});
  const Task destroyed = receive_all(rx, log);
  this->publish(1, 2);
  this->queue_->drop();
}

TYPED_TEST(Coroutine, borrows_in_place) {
  auto rx = this->subscribe();
  Log log;
  const auto receive = [](AsyncSubscriber<TypeParam>& from, Log& to) -> Task {
    while (auto message = co_await from.next_borrowed()) to.note(message);
  };
  const Task task = receive(rx, log);
  this->publish(0, 2);
  this->queue_->run();
  EXPECT_EQ(log.ids, (std::vector<Id>{0, 1}));
}

TYPED_TEST(Coroutine, uses_the_executor_of_its_subscriber) {
  const auto other = Queue::make();
  AsyncSubscriber rx{this->bus_.subscribe(), Queue::executor(other)};
  auto beside = this->subscribe();
  Log log;
  const Task task = receive_some(rx, 1, log);
  const Task task_beside = receive_some(beside, 1, log);
  this->publish(0, 1);
  EXPECT_EQ(other->size(), 1U);
  EXPECT_EQ(this->queue_->size(), 1U);
  other->run();
  EXPECT_TRUE(task.is_done());
  EXPECT_FALSE(task_beside.is_done());
  this->queue_->run();
}

TEST(CoroutineOfMoveOnly, receives_what_cannot_be_copied_by_borrowing) {
  const auto queue = Queue::make();
  auto bus = bus_of<Ticket>();
  AsyncSubscriber rx{bus.subscribe(), Queue::executor(queue)};
  Log log;
  const auto receive = [](AsyncSubscriber<Ticket>& from, Log& to) -> Task {
    while (auto message = co_await from.next_borrowed()) to.note(message);
  };
  const Task task = receive(rx, log);
  bus.publish(Ticket{7});
  queue->run();
  EXPECT_EQ(log.ids, std::vector<Id>{7});
}

TEST(CoroutineThatFilters, is_not_woken_for_what_is_about_nothing_of_its_interest) {
  const auto queue = Queue::make();
  auto bus = bus_of<Words24Bytes>(32);
  AsyncSubscriber rx{bus.subscribe({.interest = 0b110}), Queue::executor(queue)};
  Log log;
  const Task task = receive_all(rx, log);
  for (const Id id : {0U, 3U, 4U}) bus.publish(make<Words24Bytes>(id));
  EXPECT_EQ(queue->size(), 0U);
  bus.publish(make<Words24Bytes>(2));
  EXPECT_EQ(queue->run(), 1U);
  EXPECT_EQ(log.ids, std::vector<Id>{2});
  EXPECT_EQ(rx.filtered(), 3U);
}

TEST(CoroutineThatFilters, is_suspended_again_if_nothing_that_came_was_wanted) {
  const auto queue = Queue::make();
  auto bus = bus_of<Id>();
  AsyncSubscriber rx{bus.subscribe({}, [](Id id) { return id % 3 == 2; }), Queue::executor(queue)};
  Log log;
  const Task task = receive_all(rx, log);
  for (Id id = 0; id < 20; ++id) {
    bus.publish(id);
    queue->run();
  }
  EXPECT_THAT(log.ids, ElementsAre(2, 5, 8, 11, 14, 17));
  EXPECT_EQ(rx.filtered(), 14U);
  EXPECT_THAT(log.errors, ElementsAre());
}

#if defined(__cpp_exceptions)

TEST(CoroutineOfFragile, gets_the_exception_of_a_copy_and_the_cursor_has_not_moved) {
  const auto queue = Queue::make();
  auto bus = bus_of<Fragile>();
  AsyncSubscriber rx{bus.subscribe(), Queue::executor(queue)};
  const auto receive = [](AsyncSubscriber<Fragile>& from) -> Task {
    const auto message = co_await from.next();
    EXPECT_TRUE(message.has_value());
  };
  const Task task = receive(rx);
  bus.publish(Fragile{});
  Fragile::fails = true;
  queue->run();
  EXPECT_TRUE(task.is_done());
  EXPECT_THROW(task.rethrow(), std::string);
  EXPECT_EQ(rx.received(), 0U);
  Fragile::fails = false;
  const Task again = receive(rx);
  EXPECT_EQ(rx.received(), 1U);
}

TEST(CoroutineOnAnExecutorThatRefuses, goes_on_in_place_when_it_should_let_others_run) {
  auto bus = bus_of<Id>();
  const Executor refuses{[](const Wakeup&) { throw std::string{"no"}; }};
  AsyncSubscriber rx{bus.subscribe(), refuses, {.budget = 1}};
  for (Id id = 0; id < 5; ++id) bus.publish(id);
  Log log;
  const Task task = receive_some(rx, 5, log);
  EXPECT_TRUE(task.is_done());
}

TEST(CoroutineOnAnExecutorThatRefuses, is_woken_by_the_next_message) {
  const auto queue = Queue::make();
  bool refuses = true;
  auto bus = bus_of<Id>();
  AsyncSubscriber rx{bus.subscribe(), Executor{[&refuses, &queue](Wakeup wakeup) {
                       if (refuses) throw std::string{"no"};
                       queue->push(std::move(wakeup));
                     }}};
  Log log;
  const Task task = receive_all(rx, log);
  bus.publish(0);
  refuses = false;
  bus.publish(1);
  queue->run();
  EXPECT_EQ(log.ids, (std::vector<Id>{0, 1}));
}

#endif  // exceptions

}  // namespace
}  // namespace ron::test
