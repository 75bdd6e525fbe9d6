// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Who sleeps is woken by those who go on, wherever a thread is halted.
#include <expected>
#include <vector>

#include "scene.hpp"

namespace ron::test {
namespace {

/// A thread that receives one message, and sleeps until there is one.
template <class T>
class Sleeper {
 public:
  explicit Sleeper(const Bus<T>& bus)
      : subscriber_{bus.subscribe()}, thread_{kNever, [this] { result_ = subscriber_.recv(); }} {
    EXPECT_TRUE(thread_.is_asleep());
  }

  [[nodiscard]] bool gets_through() { return thread_.gets_through(); }
  /// Only once it was woken.
  [[nodiscard]] const std::expected<T, RecvError>& result() {
    thread_.finish();
    return result_;
  }

 private:
  Subscriber<T> subscriber_;
  std::expected<T, RecvError> result_{std::unexpect, RecvError::Empty};
  HaltedThread thread_;
};

template <class Setup>
class BesideSleepers : public Halting<Setup> {};

TYPED_TEST_SUITE(BesideSleepers, Setups, SetupName);

TYPED_TEST(BesideSleepers, a_halted_publisher_keeps_nobody_asleep_when_another_publishes) {
  using T = typename TypeParam::Message;
  if (TypeParam::kSingle) GTEST_SKIP() << "there is no other publisher";
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    Publisher<T> publisher = *bus.publisher();
    Publisher<T> other = *bus.publisher();
    Sleeper<T> sleeper{bus};
    HaltedThread halted{step, [&publisher] { publisher.publish(make<T>(1)); }};
    const bool is_halted = halted.is_halted();
    if (is_halted) other.publish(make<T>(2));
    const bool woken = sleeper.gets_through();
    EXPECT_TRUE(woken);
    halted.finish();
    if (!woken) bus.close();  // so that the test ends
    EXPECT_TRUE(sleeper.result());
    return is_halted;
  });
}

TYPED_TEST(BesideSleepers, a_halted_publisher_keeps_nobody_asleep_when_another_closes) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    Publisher<T> publisher = *bus.publisher();
    Sleeper<T> sleeper{bus};
    std::size_t covered = 0;
    HaltedThread halted{step, [&] { covered = publisher.publish(make<T>(1)); }};
    const bool is_halted = halted.is_halted();
    bus.close();
    EXPECT_TRUE(sleeper.gets_through());
    halted.finish();
    const auto& result = sleeper.result();
    EXPECT_EQ(result.has_value(), covered > 0);
    if (!result) {
      EXPECT_EQ(result.error(), RecvError::Closed);
    }
    return is_halted;
  });
}

TYPED_TEST(BesideSleepers, a_closer_halted_keeps_nobody_asleep_when_another_closes) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    Sleeper<T> sleeper{bus};
    HaltedThread halted{step, [&bus] { bus.close(); }};
    const bool is_halted = halted.is_halted();
    bus.close();
    EXPECT_TRUE(sleeper.gets_through());
    halted.finish();
    EXPECT_FALSE(sleeper.result());
    EXPECT_EQ(sleeper.result().error(), RecvError::Closed);
    return is_halted;
  });
}

TYPED_TEST(BesideSleepers, a_halted_subscriber_keeps_no_other_asleep_and_misses_no_wake_up) {
  using T = typename TypeParam::Message;
  for (const bool with_other : {true, false}) {
    this->at_every_step([with_other](std::size_t step) {
      const Bus<T> bus = new_bus<TypeParam>();
      Publisher<T> publisher = *bus.publisher();
      Subscriber<T> subscriber = bus.subscribe();
      std::expected<T, RecvError> result{std::unexpect, RecvError::Empty};
      HaltedThread halted{step, [&] { result = subscriber.recv(); }};
      static_cast<void>(halted.is_asleep());
      std::optional<Sleeper<T>> other;
      if (with_other) other.emplace(bus);
      publisher.publish(make<T>(1));
      if (other) {
        EXPECT_TRUE(other->gets_through());
        EXPECT_TRUE(other->result());
      }
      EXPECT_TRUE(halted.gets_through());
      const bool is_halted = halted.is_halted();
      for (Id id = 2; is_halted && id < kManyMessages; ++id) publisher.publish(make<T>(id));
      halted.release();
      const bool woken = !is_halted || halted.gets_through();
      EXPECT_TRUE(woken);
      if (!woken) bus.close();  // so that the test ends
      halted.finish();
      if (result) {
        EXPECT_EQ(id_of(*result), 1U);
      } else {
        EXPECT_EQ(result.error(), RecvError::lagged(kManyMessages - 1 - kCapacity));
      }
      return is_halted;
    });
  }
}

TYPED_TEST(BesideSleepers, a_halted_gating_subscriber_that_made_room_keeps_no_publisher_asleep) {
  using T = typename TypeParam::Message;
  if (TypeParam::kSingle) GTEST_SKIP() << "there is no other publisher to find the room";
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    Publisher<T> publisher = *bus.publisher();
    Subscriber<T> first = bus.subscribe({.gating = true});
    Subscriber<T> second = bus.subscribe({.gating = true});
    std::vector<T> out(kCapacity);
    for (Id id = 0; id < kCapacity; ++id) EXPECT_TRUE(publisher.try_publish(make<T>(id)));
    std::expected<std::size_t, PublishError> result{0};
    HaltedThread waiting{kNever, [&] { result = publisher.publish_wait(make<T>(kCapacity)); }};
    EXPECT_TRUE(waiting.is_asleep());

    const auto read_by_second = [&second] {
      while (second.try_visit([](const T&) {})) continue;
    };
    HaltedThread halted{step, [&] { static_cast<void>(first.try_recv_many(out)); }};
    const bool is_halted = halted.is_halted();
    read_by_second();
    if (bus.try_publish(make<T>(kFirstHalted))) {
      read_by_second();
      EXPECT_TRUE(waiting.gets_through()) << "there is room";
    }
    halted.finish();
    read_by_second();
    const bool woken = waiting.gets_through();
    EXPECT_TRUE(woken);
    if (!woken) bus.close();  // so that the test ends
    waiting.finish();
    EXPECT_TRUE(result);
    return is_halted;
  });
}

TYPED_TEST(BesideSleepers, a_closer_halted_keeps_nobody_asleep_once_a_publish_was_refused) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    Sleeper<T> sleeper{bus};
    HaltedThread halted{step, [&bus] { bus.close(); }};
    const bool is_halted = halted.is_halted();
    std::size_t covered = 1;
    for (int i = 0; i < 3; ++i) covered = bus.publish(make<T>(1));
    EXPECT_TRUE(sleeper.gets_through()) << "publish returned " << covered;
    halted.finish();
    static_cast<void>(sleeper.result());
    return is_halted;
  });
}

}  // namespace
}  // namespace ron::test
