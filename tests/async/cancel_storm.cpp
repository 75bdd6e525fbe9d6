// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Receives that are given up at random while a publisher runs: whoever gives up has received
// nothing, and nothing is lost. Bounded by counts, never by time.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/coroutine.hpp>
#include <ronbus/ronbus.hpp>

#include "account.hpp"
#include "coroutines.hpp"
#include "payloads.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

/// Publishes in bursts, so that subscribers wait as often as they lag, until it is stopped.
template <class T>
void publish_in_bursts(const Bus<T>& bus, const std::stop_token& stop) {
  auto publisher = bus.publisher().value();
  std::minstd_rand random{1};  // NOLINT(cert-msc32-c,cert-msc51-cpp)
  for (Id id = 0; !stop.stop_requested();) {
    for (auto burst = random() % 16; burst > 0; --burst) publisher.publish(make<T>(id++));
    if (random() % 4 == 0) std::this_thread::yield();
  }
}

template <class T>
Task receive_until_stopped(AsyncSubscriber<T>& rx, Account& account, std::stop_token stop) {
  for (;;) {
    const auto got = co_await rx.next(stop);
    if (!got && got.error() == RecvError::Stopped) break;
    account.note(got);
  }
}

/// A subscriber with a coroutine that is begun and given up again and again.
template <class T>
class Quitter {
 public:
  Quitter(const Bus<T>& bus, unsigned seed)
      : queue_{Queue::make()},
        rx_{bus.subscribe(), Queue::executor(queue_), {.budget = 8}},
        random_{seed} {}

  void quit_often(std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
      const std::stop_source stop = renew_stop();
      std::optional<Task> task{receive_until_stopped(rx_, account_, stop.get_token())};
      for (auto wakeups = random_() % 4; wakeups > 0; --wakeups) queue_->run_one();
      switch (random_() % 3) {
        case 0:
          task.reset();
          break;
        case 1:
          stop.request_stop();
          [[fallthrough]];
        default:  // another thread requests the stop
          queue_->run_until([&] { return task->is_done(); });
      }
    }
    const std::scoped_lock lock{mutex_};
    stop_.reset();
  }
  /// From another thread. False if there is nothing to be stopped any more.
  bool stop() {
    std::unique_lock lock{mutex_};
    if (!stop_) return false;
    const std::stop_source stop = *stop_;
    lock.unlock();
    stop.request_stop();
    return true;
  }
  void settle(const Bus<T>& bus) { account_.settle(rx_, bus); }

 private:
  std::stop_source renew_stop() {
    const std::scoped_lock lock{mutex_};
    return stop_.emplace();
  }

  const std::shared_ptr<Queue> queue_;
  AsyncSubscriber<T> rx_;
  std::minstd_rand random_;
  Account account_;
  std::mutex mutex_;
  std::optional<std::stop_source> stop_{std::in_place};
};

template <class T>
void storm(bool sole) {
  constexpr std::size_t kQuitters = 3;
  constexpr std::size_t kQuits = scaled(12'000);
  const auto bus = BusBuilder{}
                       .environment([](std::string_view) { return std::nullopt; })
                       .cap(64)
                       .single_publisher(sole)
                       .template build<T>()
                       .value();
  std::vector<std::unique_ptr<Quitter<T>>> quitters;
  for (unsigned i = 0; i < kQuitters; ++i)
    quitters.push_back(std::make_unique<Quitter<T>>(bus, i + 2));
  auto impatient = bus.subscribe();
  Account impatient_account;
  {
    std::jthread publisher{[&bus](const std::stop_token& stop) { publish_in_bursts(bus, stop); }};
    // Times out again and again, as long as the others go on.
    const std::jthread beside{[&](const std::stop_token& stop) {
      std::minstd_rand random{99};  // NOLINT(cert-msc32-c,cert-msc51-cpp)
      while (!stop.stop_requested()) {
        impatient_account.note(impatient.recv_for(std::chrono::microseconds{random() % 3}));
      }
    }};
    std::vector<std::jthread> others;
    for (const auto& quitter : quitters) {
      others.emplace_back([&] { quitter->quit_often(kQuits); });
    }
    others.emplace_back([&] {
      bool all_done = false;
      while (!all_done) {
        all_done = true;
        for (const auto& quitter : quitters) all_done &= !quitter->stop();
        std::this_thread::yield();
      }
    });
  }
  bus.close();
  for (const auto& quitter : quitters) quitter->settle(bus);
  impatient_account.settle(impatient, bus);
}

TEST(CancelStorm, loses_nothing_of_words) { storm<Id>(false); }
TEST(CancelStorm, loses_nothing_of_a_sole_publisher) { storm<Words24Bytes>(true); }

}  // namespace
}  // namespace ron::test
