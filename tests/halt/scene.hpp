// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A bus with witnesses, on which one thread is halted while the main thread goes on, and the checks
// of what must hold then.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "halted_thread.hpp"
#include "payloads.hpp"

namespace ron::test {

/// A message that owns memory, and so large that a publisher has but a few nodes and soon reclaims.
struct Letter {
  std::string text;
  std::array<std::byte, 1000> rest{};
};

template <>
struct PayloadTraits<Letter> {
  static Letter make(Id id) { return {PayloadTraits<std::string>::make(id)}; }
  static Id id_of(const Letter& letter) { return PayloadTraits<std::string>::id_of(letter.text); }
};

inline constexpr std::size_t kCapacity = 16;
inline constexpr std::size_t kFlushThreshold = 4;
/// Enough for several laps, and for a publisher to look for nodes to reclaim.
inline constexpr std::size_t kManyMessages = 10 * kCapacity;
/// Messages of the halted thread are numbered from here, all others from 0.
inline constexpr Id kFirstHalted = 1'000'000;

// The storages, each with both kinds of fence where that makes a difference.

template <class T, bool Single, FencePolicy Fence, BusMode Mode = BusMode::Classic,
          std::size_t FlushThreshold = kFlushThreshold>
struct Setup {
  using Message = T;
  static constexpr bool kSingle = Single;
  static constexpr FencePolicy kFence = Fence;
  static constexpr BusMode kMode = Mode;
  static constexpr std::size_t kFlushesAt = FlushThreshold;

  static std::string name() {
    const bool copied = !std::is_same_v<T, Letter>;
    const std::string storage = kSingle                              ? "Dense"
                                : copied && Mode != BusMode::Classic ? "Batches"
                                : std::is_same_v<T, Id>              ? "Paired"
                                : copied                             ? "Copied"
                                                                     : "Pinned";
    return storage + (Fence == FencePolicy::Membarrier ? "Membarrier" : "Portable");
  }
};

using Setups = testing::Types<
    Setup<Id, true, FencePolicy::Membarrier>, Setup<Id, true, FencePolicy::Portable>,
    Setup<Id, false, FencePolicy::Membarrier>, Setup<Id, false, FencePolicy::Portable>,
    Setup<Words48Bytes, false, FencePolicy::Membarrier>,
    Setup<Id, false, FencePolicy::Membarrier, BusMode::Batched, 1>,
    Setup<Letter, false, FencePolicy::Membarrier>, Setup<Letter, false, FencePolicy::Portable>>;

struct SetupName {
  template <class Setup>
  static std::string GetName(int /*index*/) {
    return Setup::name();
  }
};

template <class Setup>
Bus<typename Setup::Message> new_bus() {
  auto bus = BusBuilder{}
                 .mode(Setup::kMode)
                 .cap(kCapacity)
                 .tls_flush_threshold(Setup::kFlushesAt)
                 .single_publisher(Setup::kSingle)
                 .fence(Setup::kFence)
                 .environment([](std::string_view) { return std::nullopt; })
                 .template build<typename Setup::Message>();
  EXPECT_TRUE(bus) << bus.error().message();
  return *std::move(bus);
}

/// Fixture: skips what this machine cannot do.
template <class Setup>
class Halting : public testing::Test {
 protected:
  void SetUp() override {
    if (Setup::kFence == FencePolicy::Membarrier && !sync::membarrier_available()) {
      GTEST_SKIP() << "no membarrier here";
    }
  }

  /// Calls `scene(step)` for step 1, 2, ... until it answers that its thread did not halt any more.
  template <class SceneFn>
  static void at_every_step(const SceneFn& scene) {
    std::size_t step = 1;
    while (scene(step)) {
      if (HasFailure()) {
        ADD_FAILURE() << "halted at step " << step;
        return;
      }
      ++step;
    }
    if (HasFailure()) ADD_FAILURE() << "not halted; the last step was " << step - 1;
    EXPECT_GT(step, 1U) << "nothing to halt at: are the step hooks in?";
  }
};

/// Reads to the end and checks that this is what `order` says: if it stands further back than the
/// capacity, exactly that many lost, and then every retained message.
template <class T>
void expect_rest(Subscriber<T>& subscriber, const std::vector<Id>& order, bool closed) {
  const std::size_t cursor = subscriber.next_sequence();
  ASSERT_LE(cursor, order.size());
  EXPECT_EQ(subscriber.lag(), order.size() - cursor);
  std::size_t at = cursor;
  if (order.size() - cursor > kCapacity) {
    at = order.size() - kCapacity;
    const auto lost = subscriber.try_recv();
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error(), RecvError::lagged(at - cursor));
  }
  for (; at < order.size(); ++at) {
    const auto received = subscriber.try_recv();
    ASSERT_TRUE(received) << "at " << at << " of " << order.size() << ": "
                          << received.error().message();
    ASSERT_EQ(id_of(*received), order[at]) << "at " << at;
  }
  for (int i = 0; i < 2; ++i) {
    const auto nothing = subscriber.try_recv();
    ASSERT_FALSE(nothing) << id_of(*nothing);
    EXPECT_EQ(nothing.error(), closed ? RecvError::Closed : RecvError::Empty);
  }
}

/// A subscriber from the very first message on that is read often enough to lose nothing. What it
/// saw is the order.
template <class T>
class Witness {
 public:
  explicit Witness(const Bus<T>& bus) : subscriber_{bus.subscribe()} {}

  void drain() {
    for (;;) {
      const auto received = subscriber_.try_recv();
      if (received) {
        EXPECT_FALSE(saw_closed_) << "a message after Closed: " << id_of(*received);
        order_.push_back(id_of(*received));
        continue;
      }
      EXPECT_NE(received.error().kind(), RecvError::Lagged);
      if (saw_closed_) {
        EXPECT_EQ(received.error(), RecvError::Closed);
      }
      saw_closed_ = received.error() == RecvError::Closed;
      break;
    }
    EXPECT_EQ(subscriber_.received(), order_.size());
    EXPECT_EQ(subscriber_.missed(), 0U);
  }

  [[nodiscard]] const std::vector<Id>& order() const { return order_; }
  [[nodiscard]] bool saw_closed() const { return saw_closed_; }

 private:
  Subscriber<T> subscriber_;
  std::vector<Id> order_;
  bool saw_closed_ = false;
};

/// Who is on the bus while a thread is halted.
template <class Setup>
class Scene {
 public:
  using T = typename Setup::Message;

  Scene() : bus_{new_bus<Setup>()}, witness_{bus_} {
    for (int i = 0; i < 2; ++i) sleepy_.push_back(bus_.subscribe());
  }

  [[nodiscard]] Bus<T>& bus() { return bus_; }
  [[nodiscard]] Witness<T>& witness() { return witness_; }
  [[nodiscard]] const std::vector<Id>& order() const { return witness_.order(); }
  [[nodiscard]] std::size_t accepted() const { return accepted_.size(); }
  [[nodiscard]] std::size_t refused() const { return refused_; }

  /// Publishes the next message of the main thread through `outlet`, a Bus or a Publisher. Whether
  /// the bus takes it must be what the returned value says.
  template <class Outlet>
  bool publish(Outlet& outlet) {
    const Id id = next_++;
    const std::size_t covered = outlet.publish(make<T>(id));
    if constexpr (requires { outlet.flush(); }) outlet.flush();
    if (covered == 0) {
      ++refused_;
      return false;
    }
    EXPECT_EQ(covered, bus_.subscriber_count());
    accepted_.push_back(id);
    witness_.drain();
    return true;
  }

  /// What others do meanwhile: publish several laps, come and go, and read all that is retained.
  void others_go_on() {
    std::optional<Publisher<T>> publisher;
    if (auto opened = bus_.publisher()) publisher.emplace(*std::move(opened));
    EXPECT_TRUE(publisher || Setup::kSingle);
    for (std::size_t i = 0; i < kManyMessages; ++i) {
      const bool through_bus = !publisher || (!Setup::kSingle && i % 3 == 2);
      const bool taken = through_bus ? publish(bus_) : publish(*publisher);
      EXPECT_TRUE(taken || Setup::kSingle);
    }
    newcomers();
    settle();
    expect_rest(sleepy_.front(), order(), false);
  }

  /// A subscriber and, where allowed, a publisher come, see each other, and go.
  void newcomers() {
    witness_.drain();
    Subscriber<T> newcomer = bus_.subscribe();
    EXPECT_EQ(newcomer.next_sequence(), order().size());
    if (publish(bus_)) {
      const auto received = newcomer.try_recv();
      ASSERT_TRUE(received);
      EXPECT_EQ(id_of(*received), accepted_.back());
    } else {
      EXPECT_TRUE(Setup::kSingle);
    }
    EXPECT_EQ(newcomer.try_recv().error(), RecvError::Empty);
  }

  /// Somebody who is not halted closes the bus; everybody finds it closed and nothing lost.
  void close() {
    bus_.close();
    EXPECT_TRUE(bus_.is_closed());
    EXPECT_FALSE(publish(bus_));
    settle();
    EXPECT_TRUE(witness_.saw_closed());
    expect_rest(sleepy_.front(), order(), true);
    EXPECT_FALSE(publish(bus_));
    EXPECT_EQ(bus_.subscribe().try_recv().error(), RecvError::Closed);
  }

  /// At a quiet moment: the witness has seen the whole order, and in it every message of the main
  /// thread that was taken, once and in its order.
  void settle() {
    witness_.drain();
    EXPECT_EQ(bus_.published(), order().size());
    std::vector<Id> mine;
    std::ranges::copy_if(order(), std::back_inserter(mine),
                         [](Id id) { return id < kFirstHalted; });
    EXPECT_EQ(mine, accepted_);
  }

  /// How many messages of the halted thread are in the order; they must be the first ones, once
  /// each.
  [[nodiscard]] std::size_t of_halted() const {
    std::vector<Id> ids;
    std::ranges::copy_if(order(), std::back_inserter(ids),
                         [](Id id) { return id >= kFirstHalted; });
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], kFirstHalted + i);
    return ids.size();
  }

  /// At the very end: a subscriber that has not read a thing loses exactly what is not retained.
  void expect_all_retained() {
    for (Subscriber<T>& subscriber : sleepy_) {
      expect_rest(subscriber, order(), witness_.saw_closed());
      EXPECT_EQ(subscriber.received() + subscriber.missed(), order().size());
    }
  }

 private:
  Bus<T> bus_;
  Witness<T> witness_;
  std::vector<Subscriber<T>> sleepy_;
  std::vector<Id> accepted_;
  std::size_t refused_ = 0;
  Id next_ = 0;
};

/// How many messages a publisher publishes before one that takes more steps than any other of its
/// first 200: one that reclaims, ends a block, or shares its position.
template <class Setup>
std::size_t before_the_longest_publish() {
  const auto bus = new_bus<Setup>();
  auto publisher = bus.publisher();
  std::size_t most = 0;
  std::size_t before = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    auto value = make<typename Setup::Message>(i);
    const std::size_t steps = steps_of([&] { publisher->publish(std::move(value)); });
    if (steps > most) {
      most = steps;
      before = i;
    }
  }
  return before;
}

}  // namespace ron::test
