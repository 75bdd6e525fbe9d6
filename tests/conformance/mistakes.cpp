// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What others have got wrong in buses like this one, each as a sentence that holds here, in every
// mode.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <tuple>

#include <ronbus/sync/backoff.hpp>

#include "contract.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

class Mistakes : public testing::TestWithParam<std::tuple<BusMode, Storage>> {
 protected:
  static std::unique_ptr<AnyBus> open(std::size_t capacity) {
    const auto [mode, storage] = GetParam();
    return make_bus({.storage = storage, .capacity = capacity, .mode = mode, .flush_threshold = 3});
  }
};

INSTANTIATE_TEST_SUITE_P(All, Mistakes,
                         testing::Combine(testing::ValuesIn(kAllModes),
                                          testing::Values(Storage::DenseWord, Storage::PairedWord,
                                                          Storage::PinnedEvent)),
                         [](const auto& which) {
                           return name_of(std::get<0>(which.param)) + "_" +
                                  name_of(std::get<1>(which.param));
                         });

TEST_P(Mistakes, a_message_behind_the_last_look_of_a_drain_is_not_slept_through) {
  const auto bus = open(1024);
  const auto subscriber = bus->subscribe(false);
  const std::uint64_t turns = scaled(4000);
  std::atomic<std::uint64_t> received{0};
  Thread reader{[&] {
    while (subscriber->wait(Way::Visit, {}, {}).kind == Got::Message) ++received;
  }};
  const auto publisher = std::move(bus->publisher().value());
  // Nothing else is published until a message was received: who sleeps then, sleeps for ever.
  const auto is_received = [&](std::uint64_t count) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (received < count) {
      if (std::chrono::steady_clock::now() > patience) return false;
      std::this_thread::yield();
    }
    return true;
  };
  bool slept_through = false;
  for (std::uint64_t turn = 0; turn < turns && !slept_through; ++turn) {
    // From no pause to some that let the reader spin, arm and fall asleep.
    for (std::uint64_t pause = turn % 256; pause > 0; --pause) sync::cpu_relax();
    publisher->publish(turn);
    publisher->flush();
    slept_through = !is_received(turn + 1);
  }
  EXPECT_FALSE(slept_through) << "message " << received;
  bus->close();
  reader.join();
}

TEST_P(Mistakes, a_drain_delivers_every_payload_and_ends_at_the_close) {
  const auto bus = open(64);
  const auto subscriber = bus->subscribe(false);
  const auto publisher = std::move(bus->publisher().value());
  for (Id id = 0; id < 10; ++id) publisher->publish(id);
  publisher->flush();
  bus->close();
  std::vector<Got> received;
  do {
    received.push_back(subscriber->wait(Way::Visit, {}, {}));
  } while (received.back().kind == Got::Message);
  EXPECT_EQ(received, Contract::messages(0, 10) + std::vector{kClosed});
}

TEST_P(Mistakes, lag_counts_every_message_and_lands_at_the_oldest_retained) {
  const auto bus = open(8);
  const auto subscriber = bus->subscribe(false);
  const auto publisher = std::move(bus->publisher().value());
  for (Id id = 0; id < 8 + 13; ++id) publisher->publish(id);
  publisher->flush();
  EXPECT_EQ(subscriber->receive_one(Way::Poll), lagged(13));
  EXPECT_EQ(subscriber->missed(), 13U);
  EXPECT_EQ(subscriber->receive_one(Way::Poll), message(13));
}

TEST_P(Mistakes, more_than_64_subscribers_sleep_and_are_woken) {
  constexpr std::size_t kCount = 70;
  const auto bus = open(8);
  std::vector<std::unique_ptr<AnySubscriber>> subscribers;
  std::vector<Got> answers(kCount);
  std::vector<std::unique_ptr<Thread>> threads;
  for (std::size_t i = 0; i < kCount; ++i) subscribers.push_back(bus->subscribe(false));
  for (std::size_t i = 0; i < kCount; ++i) {
    threads.push_back(std::make_unique<Thread>(
        [&, i] { answers[i] = subscribers[i]->wait(Way::Visit, {}, {}); }));
  }
  for (const auto& thread : threads) thread->wait_until_asleep();
  const auto publisher = std::move(bus->publisher().value());
  EXPECT_EQ(publisher->publish(0), kCount);
  publisher->flush();
  for (const auto& thread : threads) thread->join();
  EXPECT_EQ(answers, std::vector<Got>(kCount, message(0)));
}

TEST_P(Mistakes, the_capacity_told_is_the_one_there_is) {
  const auto bus = open(5);
  EXPECT_EQ(bus->requested_capacity(), 5U);
  EXPECT_EQ(bus->capacity(), 8U);
  const auto subscriber = bus->subscribe(false);
  const auto publisher = std::move(bus->publisher().value());
  for (Id id = 0; id < 9; ++id) publisher->publish(id);
  publisher->flush();
  EXPECT_EQ(subscriber->receive_one(Way::Poll), lagged(1));
}

TEST_P(Mistakes, publish_counts_the_subscribers_there_are_when_it_publishes) {
  const auto bus = open(8);
  const auto publisher = std::move(bus->publisher().value());
  std::vector<std::unique_ptr<AnySubscriber>> subscribers;
  for (std::size_t count = 0; count < 5; ++count) {
    EXPECT_EQ(publisher->publish(count), count);
    subscribers.push_back(bus->subscribe(false));
  }
}

}  // namespace
}  // namespace ron::test
