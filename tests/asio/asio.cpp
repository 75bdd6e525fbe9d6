// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Receiving as an operation of Asio.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <expected>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_allocator.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <gtest/gtest.h>

#include <ronbus/asio.hpp>
#include <ronbus/ronbus.hpp>

#include "payloads.hpp"

namespace ron::test {
namespace {

using asio::use_awaitable;
using namespace asio::experimental::awaitable_operators;
using std::chrono::hours;
using std::chrono::milliseconds;

template <class T>
Bus<T> bus_of(std::size_t capacity = 8) {
  return BusBuilder{}
      .environment([](std::string_view) { return std::nullopt; })
      .cap(capacity)
      .template build<T>()
      .value();
}

using Message = std::string;
using Got = std::expected<Message, RecvError>;

class Asio : public testing::Test {
 protected:
  void publish(Id id) const { bus_.publish(make<Message>(id)); }
  /// Runs what is ready, and returns how many handlers that was.
  std::size_t poll() {
    io_.restart();
    return io_.poll();
  }
  /// A handler on the context that writes down what it gets.
  auto note() {
    return asio::bind_executor(io_, [this](Got got) { got_.push_back(std::move(got)); });
  }

  [[nodiscard]] std::vector<Id> ids() const {
    std::vector<Id> ids;
    for (const Got& got : got_) ids.push_back(got ? id_of(*got) : kTorn);
    return ids;
  }

  Bus<Message> bus_ = bus_of<Message>();
  Subscriber<Message> rx_ = bus_.subscribe();
  asio::io_context io_;
  std::vector<Got> got_;
};

TEST_F(Asio, a_callback_gets_what_is_there_but_not_in_the_initiating_function) {
  publish(0);
  async_recv(rx_, note());
  EXPECT_TRUE(got_.empty());
  EXPECT_EQ(rx_.received(), 0U) << "the cursor moves when the operation completes";
  poll();
  EXPECT_EQ(ids(), std::vector<Id>{0});
}

TEST_F(Asio, a_callback_is_called_by_the_executor_and_not_inside_publish) {
  async_recv(rx_, note());
  EXPECT_EQ(poll(), 0U);
  publish(0);
  EXPECT_TRUE(got_.empty());
  poll();
  EXPECT_EQ(ids(), std::vector<Id>{0});
  publish(1);
  EXPECT_EQ(poll(), 0U) << "one operation, one message";
  EXPECT_EQ(bus_.subscribers().front().wakeups, 1U) << "as it is told from outside";
}

TEST_F(Asio, an_operation_is_outstanding_work) {
  std::optional handler{note()};
  async_recv(rx_, *std::exchange(handler, std::nullopt));
  std::jthread publisher{[this] {
    std::this_thread::sleep_for(milliseconds{1});
    publish(0);
  }};
  io_.run();
  EXPECT_EQ(ids(), std::vector<Id>{0});
}

TEST_F(Asio, lag_and_the_end_are_reported_like_by_recv) {
  for (Id id = 0; id < 10; ++id) publish(id);
  async_recv(rx_, note());
  poll();
  EXPECT_EQ(got_.back().error(), RecvError::lagged(2));
  for (Id id = 2; id < 10; ++id) {
    async_recv(rx_, note());
    poll();
    EXPECT_EQ(id_of(got_.back().value()), id);
  }
  async_recv(rx_, note());
  bus_.close();
  poll();
  EXPECT_EQ(got_.back().error(), RecvError::Closed);
  async_recv(rx_, note());
  poll();
  EXPECT_EQ(got_.size(), 11U);
  EXPECT_EQ(got_.back().error(), RecvError::Closed);
}

TEST_F(Asio, a_future_is_fulfilled) {
  std::future<Got> future = async_recv(rx_, asio::bind_executor(io_, asio::use_future));
  publish(7);
  poll();
  EXPECT_EQ(id_of(future.get().value()), 7U);
}

TEST_F(Asio, a_coroutine_receives_in_a_loop) {
  asio::co_spawn(
      io_,
      [](Subscriber<Message>& rx, std::vector<Got>& all) -> asio::awaitable<void> {
        while (auto message = co_await async_recv(rx, use_awaitable)) all.push_back(message);
      }(rx_, got_),
      asio::detached);
  poll();
  for (Id id = 0; id < 3; ++id) {
    publish(id);
    poll();
  }
  bus_.close();
  poll();
  EXPECT_EQ(ids(), (std::vector<Id>{0, 1, 2}));
}

TEST_F(Asio, whichever_of_a_receive_and_a_timer_comes_first_cancels_the_other) {
  struct Raced {
    std::vector<std::size_t> winners;
    std::vector<Id> ids;
  } raced;
  asio::co_spawn(
      io_,
      [](Subscriber<Message>& rx, Raced& to) -> asio::awaitable<void> {
        asio::steady_timer timer{co_await asio::this_coro::executor};
        for (const auto timeout : {milliseconds{0}, milliseconds{hours{1}}, milliseconds{0}}) {
          timer.expires_after(timeout);
          auto winner = co_await (async_recv(rx, use_awaitable) || timer.async_wait(use_awaitable));
          to.winners.push_back(winner.index());
          if (winner.index() == 0) to.ids.push_back(id_of(std::get<0>(winner).value()));
        }
      }(rx_, raced),
      asio::detached);
  while (raced.winners.empty()) poll();
  publish(0);
  while (raced.winners.size() < 3) poll();
  EXPECT_EQ(raced.winners, (std::vector<std::size_t>{1, 0, 1}));
  EXPECT_EQ(raced.ids, std::vector<Id>{0});
  EXPECT_EQ(rx_.received(), 1U);
}

TEST_F(Asio, a_cancelled_operation_completes_with_stopped_and_loses_nothing) {
  using enum asio::cancellation_type;
  for (const auto type : {total, partial, terminal, all}) {
    asio::cancellation_signal signal;
    async_recv(rx_, asio::bind_cancellation_slot(signal.slot(), note()));
    signal.emit(type);
    EXPECT_TRUE(got_.empty()) << "not inside the emission";
    poll();
    ASSERT_EQ(got_.size(), 1U);
    EXPECT_EQ(got_.back().error(), RecvError::Stopped);
    got_.clear();
  }
  publish(0);
  EXPECT_EQ(id_of(rx_.try_recv().value()), 0U);
}

TEST_F(Asio, an_operation_that_is_cancelled_when_it_is_woken_leaves_the_message) {
  asio::cancellation_signal signal;
  async_recv(rx_, asio::bind_cancellation_slot(signal.slot(), note()));
  publish(0);
  signal.emit(asio::cancellation_type::terminal);
  poll();
  EXPECT_EQ(got_.back().error(), RecvError::Stopped);
  EXPECT_EQ(rx_.received(), 0U);

  async_recv(rx_, asio::bind_cancellation_slot(signal.slot(), note()));
  signal.emit(asio::cancellation_type::terminal);
  poll();
  EXPECT_EQ(got_.back().error(), RecvError::Stopped) << "also if it did not have to wait";
  EXPECT_EQ(rx_.lag(), 1U);
}

TEST_F(Asio, a_late_cancellation_has_no_effect_on_the_next_operation) {
  asio::cancellation_signal first;
  asio::cancellation_signal second;
  async_recv(rx_, asio::bind_cancellation_slot(first.slot(), note()));
  publish(0);
  poll();
  async_recv(rx_, asio::bind_cancellation_slot(second.slot(), note()));
  first.emit(asio::cancellation_type::terminal);
  poll();
  EXPECT_EQ(ids(), std::vector<Id>{0});
  second.emit(asio::cancellation_type::terminal);
  first.emit(asio::cancellation_type::terminal);
  poll();
  ASSERT_EQ(got_.size(), 2U);
  EXPECT_EQ(got_.back().error(), RecvError::Stopped);
}

TEST_F(Asio, the_handler_runs_on_its_associated_executor) {
  asio::io_context other;
  auto strand = asio::make_strand(other);
  bool in_strand = false;
  const auto receive = [&](const auto& executor) {
    async_recv(rx_, asio::bind_executor(executor, [&](Got got) {
                 got_.push_back(std::move(got));
                 in_strand = strand.running_in_this_thread();
               }));
    publish(got_.size());
    EXPECT_EQ(poll(), 0U);
    other.restart();
    other.poll();
  };
  receive(other.get_executor());
  EXPECT_FALSE(in_strand);
  receive(strand);
  EXPECT_TRUE(in_strand);
  receive(asio::any_io_executor{strand});
  EXPECT_TRUE(in_strand);
  receive(asio::any_io_executor{other.get_executor()});
  EXPECT_FALSE(in_strand);
  EXPECT_EQ(ids(), (std::vector<Id>{0, 1, 2, 3}));
}

TEST_F(Asio, a_pool_of_threads_will_do) {
  asio::thread_pool pool{2};
  auto strand = asio::make_strand(pool);
  std::future<Id> sum = asio::co_spawn(
      strand,
      [](Subscriber<Message>& rx) -> asio::awaitable<Id> {
        Id all = 0;
        while (auto message = co_await async_recv(rx, use_awaitable)) all += id_of(*message);
        co_return all;
      }(rx_),
      asio::use_future);
  for (Id id = 0; id < 8; ++id) publish(id);
  bus_.close();
  EXPECT_EQ(sum.get(), 28U);
  pool.join();
}

/// Counts what is allocated and not yet freed.
template <class T>
struct Counting {
  using value_type = T;
  explicit Counting(std::size_t& all) : live{&all} {}
  template <class U>
  Counting(const Counting<U>& other) : live{other.live} {}  // NOLINT(google-explicit-constructor)
  T* allocate(std::size_t count) {
    ++*live;
    return std::allocator<T>{}.allocate(count);
  }
  void deallocate(T* memory, std::size_t count) {
    --*live;
    std::allocator<T>{}.deallocate(memory, count);
  }
  friend bool operator==(const Counting&, const Counting&) = default;

  std::size_t* live;
};

TEST_F(Asio, the_operation_lies_in_memory_of_the_associated_allocator_until_it_completes) {
  std::size_t live = 0;
  std::optional<std::size_t> live_in_handler;
  async_recv(
      rx_, asio::bind_allocator(Counting<void>{live}, asio::bind_executor(io_, [&](const Got& got) {
                                  EXPECT_TRUE(got.has_value());
                                  live_in_handler = live;
                                })));
  EXPECT_EQ(live, 1U);
  publish(0);
  poll();
  EXPECT_EQ(live_in_handler, 0U);
}

TEST_F(Asio, a_handler_whose_context_goes_away_is_destroyed_uncalled) {
  const auto token = std::make_shared<int>();
  for (const bool woken : {false, true}) {
    auto context = std::make_unique<asio::io_context>();
    async_recv(rx_, asio::bind_executor(*context, [token](const Got&) { FAIL(); }));
    if (woken) publish(0);
    EXPECT_EQ(token.use_count(), 2);
    context.reset();
    EXPECT_EQ(token.use_count(), 1);
  }
  publish(1);
  EXPECT_EQ(rx_.received(), 0U);
  async_recv(rx_, note());
  poll();
  EXPECT_EQ(ids(), std::vector<Id>{0}) << "the subscriber goes on elsewhere";
}

TEST_F(Asio, a_coroutine_that_owns_its_subscriber_goes_with_its_context) {
  EXPECT_EQ(bus_.subscriber_count(), 1U);
  {
    asio::io_context context;
    const auto consume = [](Subscriber<Message> rx) -> asio::awaitable<void> {
      while (co_await async_recv(rx, use_awaitable)) {
      }
    };
    asio::co_spawn(context, consume(bus_.subscribe()), asio::detached);
    asio::co_spawn(asio::make_strand(context), consume(bus_.subscribe()), asio::detached);
    context.poll();
    EXPECT_EQ(bus_.subscriber_count(), 3U);
    publish(0);
    context.restart();
    context.poll();
  }
  EXPECT_EQ(bus_.subscriber_count(), 1U);
}

TEST_F(Asio, many_subscribers_go_with_their_context) {
  std::vector<Subscriber<Message>> subscribers;
  const auto token = std::make_shared<int>();
  {
    asio::io_context context;
    for (int i = 0; i < 100; ++i) {
      auto rx = bus_.subscribe();
      async_recv(rx, asio::bind_executor(context, [](const Got&) {}));
      if (i % 2 == 0) subscribers.push_back(bus_.subscribe());
    }
    for (auto& rx : subscribers) {
      async_recv(rx, asio::bind_executor(context, [token](const Got&) { FAIL(); }));
    }
    publish(0);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(Asio, an_operation_whose_subscriber_is_destroyed_completes_with_stopped) {
  for (const bool woken : {false, true}) {
    auto rx = std::make_unique<Subscriber<Message>>(bus_.subscribe());
    async_recv(*rx, note());
    if (woken) publish(0);
    rx.reset();
    poll();
    EXPECT_EQ(got_.back().error(), RecvError::Stopped);
  }
  EXPECT_EQ(got_.size(), 2U);
}

TEST_F(Asio, a_handler_may_destroy_its_subscriber) {
  for (const bool waits : {false, true}) {
    auto rx = std::make_unique<Subscriber<Message>>(bus_.subscribe());
    if (!waits) publish(1);
    async_recv(*rx, asio::bind_executor(io_, [this, &rx](Got got) {
      rx.reset();
      got_.push_back(std::move(got));
    }));
    poll();
    if (waits) publish(1);
    poll();
    EXPECT_EQ(got_.back(), make<Message>(1));
    EXPECT_EQ(rx, nullptr);
  }
}

TEST_F(Asio, operations_outlive_bus_and_subscriber) {
  {
    auto bus = bus_of<Message>();
    auto rx = bus.subscribe();
    async_recv(rx, note());
    bus.publish("lost with its bus");
  }
  poll();
  EXPECT_EQ(got_.back().error(), RecvError::Stopped);
}

TEST_F(Asio, what_cannot_be_copied_is_borrowed) {
  auto bus = bus_of<Ticket>();
  auto rx = bus.subscribe();
  Id id = 0;
  async_borrow(rx, asio::bind_executor(io_, [&id](std::expected<Borrowed<Ticket>, RecvError> got) {
                 id = (*got)->id();
               }));
  bus.publish(Ticket{3});
  poll();
  EXPECT_EQ(id, 3U);
}

TEST_F(Asio, an_operation_is_not_completed_for_what_its_subscriber_does_not_want) {
  auto rx = bus_.subscribe({}, [](const Message& message) { return id_of(message) % 3 == 2; });
  async_recv(rx, note());
  for (const Id id : {0U, 1U, 3U}) {
    publish(id);
    poll();
    EXPECT_TRUE(got_.empty()) << id;
  }
  publish(5);
  poll();
  EXPECT_EQ(ids(), std::vector<Id>{5});
  EXPECT_EQ(rx.filtered(), 3U);
}

TEST_F(Asio, the_executor_is_not_troubled_by_what_is_about_nothing_of_interest) {
  auto bus = bus_of<Words24Bytes>(32);
  auto rx = bus.subscribe({.interest = 0b110});
  std::optional<Id> id;
  async_recv(rx, asio::bind_executor(
                     io_, [&id](std::expected<Words24Bytes, RecvError> got) { id = id_of(*got); }));
  for (const Id other : {0U, 3U, 4U}) bus.publish(make<Words24Bytes>(other));
  EXPECT_EQ(poll(), 0U);
  bus.publish(make<Words24Bytes>(2));
  poll();
  EXPECT_EQ(id, 2U);
  EXPECT_EQ(rx.filtered(), 3U);
}

TEST_F(Asio, the_exception_of_a_copy_leaves_run_and_the_cursor_has_not_moved) {
  auto bus = bus_of<Fragile>();
  auto rx = bus.subscribe();
  const auto token = std::make_shared<int>();
  async_recv(rx, asio::bind_executor(io_, [token](const auto&) { FAIL(); }));
  bus.publish(Fragile{});
  Fragile::fails = true;
  EXPECT_THROW(poll(), std::string);
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(rx.received(), 0U);
  Fragile::fails = false;
  async_recv(rx, asio::bind_executor(io_, [](const auto& got) { EXPECT_TRUE(got.has_value()); }));
  poll();
  EXPECT_EQ(rx.received(), 1U);
}

TEST_F(Asio, subscribers_on_several_contexts_each_get_every_message) {
  std::vector<std::unique_ptr<asio::io_context>> contexts;
  std::vector<Subscriber<Message>> subscribers;
  constexpr std::size_t kCount = 20;
  std::size_t received = 0;
  for (std::size_t i = 0; i < 3; ++i) contexts.push_back(std::make_unique<asio::io_context>());
  for (std::size_t i = 0; i < kCount; ++i) subscribers.push_back(bus_.subscribe());
  for (std::size_t i = 0; i < kCount; ++i) {
    async_recv(subscribers[i], asio::bind_executor(*contexts[i % 3], [&](const Got& got) {
                 received += got.has_value();
               }));
  }
  publish(0);
  while (received < kCount) {
    for (const auto& context : contexts) context->poll();
  }
  EXPECT_EQ(received, kCount);
}

}  // namespace
}  // namespace ron::test
