// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Whoever waits for subscribers, while one is halted that comes or goes.
#include <chrono>
#include <expected>
#include <optional>

#include "scene.hpp"

namespace ron::test {
namespace {

template <class Setup>
class HaltedAttendance : public Halting<Setup> {
 protected:
  using Message = typename Setup::Message;

  /// A thread that sleeps until `wait` is content.
  template <class Wait>
  class Waiting {
   public:
    explicit Waiting(Wait wait) : wait_{std::move(wait)}, thread_{kNever, [this] { wait_(); }} {
      EXPECT_TRUE(thread_.is_asleep());
    }
    [[nodiscard]] bool gets_through() { return thread_.gets_through(); }

   private:
    Wait wait_;
    HaltedThread thread_;
  };
};

TYPED_TEST_SUITE(HaltedAttendance, Setups, SetupName);

TYPED_TEST(HaltedAttendance, who_is_halted_while_it_subscribes_counts_once_it_sees_what_follows) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    std::optional<Subscriber<T>> subscriber;
    HaltedThread halted{step, [&] { subscriber.emplace(bus.subscribe()); }};
    const bool is_halted = halted.is_halted();
    const bool present = bus.wait_for_subscribers(1, std::chrono::seconds{-1}).has_value();
    bus.publish(make<T>(1));
    halted.finish();
    const auto received = subscriber->try_recv();
    EXPECT_TRUE(received || !present);
    EXPECT_TRUE(present || is_halted);
    return is_halted;
  });
}

TYPED_TEST(HaltedAttendance, who_is_halted_while_it_comes_keeps_nobody_asleep_when_another_comes) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    typename TestFixture::Waiting waiting{[&] { EXPECT_TRUE(bus.wait_for_subscribers()); }};
    std::optional<Subscriber<T>> subscriber;
    HaltedThread halted{step, [&] { subscriber.emplace(bus.subscribe()); }};
    const bool is_halted = halted.is_halted();
    const Subscriber<T> other = bus.subscribe();
    EXPECT_TRUE(waiting.gets_through());
    return is_halted;
  });
}

TYPED_TEST(HaltedAttendance, who_is_halted_while_it_goes_keeps_nobody_asleep_when_another_goes) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    std::optional<Subscriber<T>> first{bus.subscribe()};
    std::optional<Subscriber<T>> second{bus.subscribe()};
    typename TestFixture::Waiting waiting{[&] { EXPECT_TRUE(bus.wait_for_no_subscribers()); }};
    HaltedThread halted{step, [&] { first.reset(); }};
    const bool is_halted = halted.is_halted();
    second.reset();
    if (bus.subscriber_count() == 0) {
      EXPECT_TRUE(waiting.gets_through());
    }
    halted.finish();
    EXPECT_TRUE(waiting.gets_through());
    return is_halted;
  });
}

TYPED_TEST(HaltedAttendance, a_halted_closer_keeps_nobody_asleep_when_another_closes) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    typename TestFixture::Waiting waiting{
        [&] { EXPECT_EQ(bus.wait_for_subscribers().error(), WaitError::Closed); }};
    HaltedThread halted{step, [&] { bus.close(); }};
    const bool is_halted = halted.is_halted();
    bus.close();
    EXPECT_TRUE(waiting.gets_through());
    return is_halted;
  });
}

}  // namespace
}  // namespace ron::test
