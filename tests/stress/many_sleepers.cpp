// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Many sleep and few messages come: a message that somebody sleeps through is not made good by the
// next one.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

class ManySleepers : public testing::TestWithParam<FencePolicy> {};

INSTANTIATE_TEST_SUITE_P(All, ManySleepers,
                         testing::Values(FencePolicy::Auto, FencePolicy::Portable),
                         [](const auto& which) {
                           return which.param == FencePolicy::Portable ? "Portable" : "Auto";
                         });

TEST_P(ManySleepers, nobody_sleeps_through_one_of_few_messages) {
  constexpr std::size_t kSleepers = 300;
  constexpr std::uint64_t kMessages = 4;
  const auto bus = BusBuilder{}
                       .environment([](std::string_view) { return std::nullopt; })
                       .cap(2)
                       .fence(GetParam())
                       .build<std::uint64_t>()
                       .value();
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> wakeups{0};
  std::vector<std::unique_ptr<Thread>> sleepers;
  for (std::size_t i = 0; i < kSleepers; ++i) {
    const WaitStrategy strategy = i % 2 == 0 ? WaitStrategy::SpinThenSleep  //
                                             : WaitStrategy::SleepAtOnce;
    sleepers.push_back(
        std::make_unique<Thread>([&, subscriber = bus.subscribe({.wait = strategy})]() mutable {
          for (std::uint64_t expected = 0; expected < kMessages; ++expected) {
            const auto message = subscriber.recv_for(60s);
            if (!message || *message != expected) break;
            received.fetch_add(1);
          }
          EXPECT_EQ(subscriber.recv_for(60s), std::unexpected{RecvError::Closed});
          wakeups.fetch_add(subscriber.wakeups());
        }));
  }
  const auto all_asleep = [&] {
    for (const auto& sleeper : sleepers) sleeper->wait_until_asleep();
  };
  for (std::uint64_t message = 0; message < kMessages; ++message) {
    all_asleep();
    bus.publish(message);
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (received.load() < (message + 1) * kSleepers) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline)
          << kSleepers * (message + 1) - received.load() << " sleep through message " << message;
      std::this_thread::yield();
    }
  }
  all_asleep();
  bus.close();
  for (const auto& sleeper : sleepers) sleeper->join();
  EXPECT_LE(wakeups.load(), kSleepers * (kMessages + 1)) << "somebody was woken for nothing";
}

}  // namespace
}  // namespace ron::test
