// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Asynchronous receives allocate nothing once each of their steps was taken.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <ronbus/asio.hpp>
#include <ronbus/coroutine.hpp>
#include <ronbus/ronbus.hpp>

#include "coroutines.hpp"

namespace ron::test {

/// Calls of operator new so far; see counting_new.cpp.
extern std::atomic<std::size_t> allocations;

namespace {

class Allocations : public testing::Test {
 protected:
  static constexpr int kRounds = 100;

  /// How many there are in all rounds but the first few.
  template <class Round>
  static std::size_t count(const Round& round) {
    for (int i = 0; i < 10; ++i) round();
    const std::size_t before = allocations;
    for (int i = 0; i < kRounds; ++i) round();
    return allocations - before;
  }

  Bus<std::uint64_t> bus_ = BusBuilder{}
                                .environment([](std::string_view) { return std::nullopt; })
                                .cap(8)
                                .build<std::uint64_t>()
                                .value();
  Subscriber<std::uint64_t> rx_ = bus_.subscribe();
  std::uint64_t received_ = 0;
};

TEST_F(Allocations, none_for_a_coroutine) {
  std::vector<Wakeup> queue;
  queue.reserve(4);
  AsyncSubscriber rx{std::move(rx_),
                     Executor{[&queue](Wakeup wakeup) { queue.push_back(std::move(wakeup)); }}};
  const auto receive = [](AsyncSubscriber<std::uint64_t>& from, std::uint64_t& received) -> Task {
    while (co_await from.next()) ++received;
  };
  const Task task = receive(rx, received_);
  EXPECT_EQ(count([&] {
              bus_.publish(1);
              queue.front()();
              queue.clear();
            }),
            0U);
  EXPECT_EQ(received_, kRounds + 10U);
}

TEST_F(Allocations, none_for_a_callback_of_asio) {
  asio::io_context io;
  const auto round = [&](const auto& executor) {
    async_recv(rx_, asio::bind_executor(executor,
                                        [this](const auto& got) { received_ += got.has_value(); }));
    bus_.publish(1);
    io.restart();
    io.poll();
  };
  EXPECT_EQ(count([&] { round(io.get_executor()); }), 0U);
  EXPECT_EQ(count([&] { round(asio::any_io_executor{io.get_executor()}); }), 0U);
  EXPECT_EQ(received_, 2 * (kRounds + 10U));
}

TEST_F(Allocations, none_for_a_coroutine_of_asio) {
  asio::io_context io;
  const auto receive = [](Subscriber<std::uint64_t>& from,
                          std::uint64_t& received) -> asio::awaitable<void> {
    while (co_await async_recv(from, asio::use_awaitable)) ++received;
  };
  asio::co_spawn(io, receive(rx_, received_), asio::detached);
  io.poll();
  EXPECT_EQ(count([&] {
              bus_.publish(1);
              io.poll();
            }),
            0U);
  EXPECT_EQ(received_, kRounds + 10U);
}

}  // namespace
}  // namespace ron::test
