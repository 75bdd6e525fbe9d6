// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Waiting for several subscribers at once.
#include <array>
#include <atomic>
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <thread>

#include <ronbus/sync/backoff.hpp>

#include "buses.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

/// Three buses of two message types and three storages.
class Selecting : public testing::Test {
 protected:
  using Word = std::uint64_t;

  void publish(std::size_t which) {
    if (which == 0) dense_.publish(1);
    if (which == 1) paired_.publish(1);
    if (which == 2) pinned_.publish("1");
  }
  void close_all() {
    dense_.close();
    paired_.close();
    pinned_.close();
  }
  /// Receives one message from the subscriber of this index; false if there is none.
  bool receive(std::size_t which) {
    if (which == 0) return on_dense_.try_recv().has_value();
    if (which == 1) return on_paired_.try_recv().has_value();
    return on_pinned_.try_recv().has_value();
  }

  template <class Storage>
  static Bus<typename Storage::Message> open() {
    return Storage::builder().cap(16).template build<typename Storage::Message>().value();
  }

  Bus<Word> dense_ = open<Dense>();
  Bus<Word> paired_ = open<Paired>();
  Bus<std::string> pinned_ = open<Pinned>();
  Subscriber<Word> on_dense_ = dense_.subscribe();
  Subscriber<Word> on_paired_ = paired_.subscribe();
  Subscriber<std::string> on_pinned_ = pinned_.subscribe();
};

TEST_F(Selecting, names_the_subscriber_that_has_something_to_receive) {
  Selector selector{on_dense_, on_paired_, on_pinned_};
  EXPECT_EQ(selector.size(), 3U);
  for (const std::size_t which : {2U, 0U, 1U, 1U}) {
    publish(which);
    EXPECT_EQ(selector.wait(), which);
    EXPECT_EQ(selector.wait(), which) << "as long as it is not received";
    EXPECT_TRUE(receive(which));
  }
  EXPECT_EQ(selector.wait(0s).error(), WaitError::Timeout);
}

TEST_F(Selecting, sleeps_until_any_of_them_has_something) {
  Selector selector{on_dense_, on_paired_, on_pinned_};
  for (const std::size_t which : {0U, 1U, 2U}) {
    std::expected<std::size_t, WaitError> ready{std::unexpect, WaitError::Closed};
    Thread sleeper{[&] { ready = selector.wait(); }};
    sleeper.wait_until_asleep();
    EXPECT_FALSE(sleeper.is_done());
    publish(which);
    sleeper.join();
    EXPECT_EQ(ready, which);
    EXPECT_TRUE(receive(which));
  }
  for (const std::uint64_t wakeups :
       {on_dense_.wakeups(), on_paired_.wakeups(), on_pinned_.wakeups()}) {
    EXPECT_EQ(wakeups, 1U) << "each tells those that were for its sake";
  }
}

TEST_F(Selecting, ends_at_a_deadline_or_a_stop_and_looks_first) {
  Selector selector{on_dense_, on_pinned_};
  const auto deadline = std::chrono::steady_clock::now() + 2ms;
  EXPECT_EQ(selector.wait(deadline).error(), WaitError::Timeout);
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(selector.wait({}, stop.get_token()).error(), WaitError::Stopped);
  publish(2);
  EXPECT_EQ(selector.wait(-1s, stop.get_token()), 1U);
}

TEST_F(Selecting, a_stop_request_wakes_a_sleeper) {
  Selector selector{on_dense_, on_pinned_};
  std::stop_source stop;
  std::expected<std::size_t, WaitError> ready{0};
  Thread sleeper{[&] { ready = selector.wait({}, stop.get_token()); }};
  sleeper.wait_until_asleep();
  stop.request_stop();
  sleeper.join();
  EXPECT_EQ(ready.error(), WaitError::Stopped);
}

TEST_F(Selecting, no_subscriber_that_is_ready_is_passed_over) {
  Selector selector{on_dense_, on_paired_, on_pinned_};
  std::array<std::size_t, 3> named{};
  for (std::size_t i = 0; i < 30; ++i) {
    for (const std::size_t which : {0U, 1U, 2U}) publish(which);  // each always has something
    const auto ready = selector.wait();
    ASSERT_TRUE(ready);
    ++named[*ready];
    static_cast<void>(receive(*ready));
  }
  EXPECT_EQ(named, (std::array<std::size_t, 3>{10, 10, 10}));
}

TEST_F(Selecting, close_wakes_and_what_is_removed_is_not_waited_for) {
  Selector selector{on_dense_, on_pinned_};
  std::expected<std::size_t, WaitError> ready{std::unexpect, WaitError::Timeout};
  Thread sleeper{[&] { ready = selector.wait(); }};
  sleeper.wait_until_asleep();
  dense_.close();
  sleeper.join();
  ASSERT_EQ(ready, 0U);
  EXPECT_EQ(on_dense_.try_recv().error(), RecvError::Closed);
  selector.remove(0);
  selector.remove(0);
  EXPECT_EQ(selector.size(), 1U);
  EXPECT_EQ(selector.wait(0s).error(), WaitError::Timeout);
  publish(2);
  EXPECT_EQ(selector.wait(), 1U) << "the others keep their index";
  EXPECT_EQ(selector.add(on_paired_), 2U);
  publish(1);
  EXPECT_EQ(selector.wait(), 2U);
  selector.remove(1);
  selector.remove(2);
  EXPECT_EQ(selector.wait().error(), WaitError::Closed) << "nothing is left to wait for";
}

TEST_F(Selecting, a_selector_may_outlive_its_subscribers_and_their_bus) {
  auto bus = std::make_optional(open<Paired>());
  auto subscriber = std::make_optional(bus->subscribe());
  Selector selector{*subscriber, on_pinned_};
  subscriber.reset();
  bus.reset();
  selector.remove(0);
  publish(2);
  EXPECT_EQ(selector.wait(), 1U);
}

/// A publisher that uses the buses in turn and waits for each answer, with pauses that differ from
/// turn to turn so that every moment of falling asleep is met.
TEST_F(Selecting, no_message_is_slept_through) {
  const std::size_t count = scaled(6000);
  std::atomic<std::size_t> answered{0};
  std::atomic<bool> lost{false};
  Thread publisher{[&] {
    for (std::size_t i = 1; i <= count && !lost; ++i) {
      publish(i * i % 3);
      while (answered < i && !lost) std::this_thread::yield();
      for (std::size_t pause = i * 7 % 240; pause > 0; --pause) sync::cpu_relax();
    }
    close_all();
  }};
  Selector selector{on_dense_, on_paired_, on_pinned_};
  while (const auto ready = selector.wait(30s)) {
    if (receive(*ready)) {
      ++answered;
    } else {
      selector.remove(*ready);
    }
  }
  lost = selector.size() > 0;
  publisher.join();
  EXPECT_FALSE(lost);
  EXPECT_EQ(on_dense_.received() + on_paired_.received() + on_pinned_.received(), count);
}

}  // namespace
}  // namespace ron::test
