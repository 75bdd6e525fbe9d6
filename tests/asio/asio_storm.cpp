// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Operations of Asio that are cancelled at random while a publisher runs. Bounded by counts, never
// by time.
#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <random>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <ronbus/asio.hpp>
#include <ronbus/ronbus.hpp>

#include "account.hpp"
#include "payloads.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using Random = std::minstd_rand;

/// Receives by callbacks on a strand, on which somebody emits cancellations, too.
class Cancelled {
 public:
  Cancelled(asio::io_context& io, const Bus<Id>& bus, unsigned seed, std::size_t times)
      : strand_{asio::make_strand(io)}, rx_{bus.subscribe()}, random_{seed}, left_{times} {}

  void start() {
    asio::post(strand_, [this] { receive(); });
    asio::post(strand_, [this] { cancel(); });
  }
  void settle(const Bus<Id>& bus) { account_.settle(rx_, bus); }

 private:
  void receive() {
    const auto handler = [this](const std::expected<Id, RecvError>& got) {
      if (!got && got.error() == RecvError::Stopped) {
        if (left_ == 0 || --left_ == 0) return;
      } else {
        account_.note(got);
      }
      receive();
    };
    async_recv(rx_,
               asio::bind_cancellation_slot(signal_.slot(), asio::bind_executor(strand_, handler)));
  }
  void cancel() {
    if (random_() % 2 == 0) signal_.emit(asio::cancellation_type::total);
    if (left_ > 0) asio::post(strand_, [this] { cancel(); });
  }

  asio::strand<asio::io_context::executor_type> strand_;
  Subscriber<Id> rx_;
  Random random_;
  asio::cancellation_signal signal_;
  std::size_t left_;
  Account account_;
};

/// Receives by a coroutine that gives up when a timer runs out first.
class Impatient {
 public:
  Impatient(const Bus<Id>& bus, unsigned seed, std::size_t times)
      : rx_{bus.subscribe()}, random_{seed}, left_{times} {}

  asio::awaitable<void> receive() {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (; left_ > 0; --left_) {
      timer.expires_after(std::chrono::microseconds{random_() % 2});
      auto first =
          co_await (async_recv(rx_, asio::use_awaitable) || timer.async_wait(asio::use_awaitable));
      if (first.index() == 0) account_.note(std::get<0>(first));
    }
  }
  void settle(const Bus<Id>& bus) { account_.settle(rx_, bus); }

 private:
  Subscriber<Id> rx_;
  Random random_;
  std::size_t left_;
  Account account_;
};

TEST(AsioCancelStorm, loses_nothing) {
  constexpr std::size_t kTimes = scaled(12'000);
  const auto bus = BusBuilder{}
                       .environment([](std::string_view) { return std::nullopt; })
                       .cap(64)
                       .build<Id>()
                       .value();
  asio::io_context io;
  Cancelled cancelled_1{io, bus, 1, kTimes};
  Cancelled cancelled_2{io, bus, 2, kTimes};
  Impatient impatient{bus, 3, kTimes / 3};
  cancelled_1.start();
  cancelled_2.start();
  asio::co_spawn(asio::make_strand(io), impatient.receive(), asio::detached);
  {
    const std::jthread publisher{[&bus](const std::stop_token& stop) {
      auto handle = bus.publisher().value();
      Random random{4};
      for (Id id = 0; !stop.stop_requested();) {
        for (auto burst = random() % 16; burst > 0; --burst) handle.publish(id++);
        if (random() % 4 == 0) std::this_thread::yield();
      }
    }};
    const std::jthread second{[&io] { io.run(); }};
    io.run();
  }
  bus.close();
  cancelled_1.settle(bus);
  cancelled_2.settle(bus);
  impatient.settle(bus);
}

}  // namespace
}  // namespace ron::test
