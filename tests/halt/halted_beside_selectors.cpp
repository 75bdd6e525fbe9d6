// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A thread that waits for several subscribers, while it or a publisher is halted.
#include <expected>
#include <stop_token>

#include "scene.hpp"

namespace ron::test {
namespace {

template <class Setup>
class BesideSelectors : public Halting<Setup> {};

TYPED_TEST_SUITE(BesideSelectors, Setups, SetupName);

TYPED_TEST(BesideSelectors, a_halted_publisher_keeps_no_selector_asleep_when_another_publishes) {
  using T = typename TypeParam::Message;
  for (const bool same_bus : {true, false}) {
    if (same_bus && TypeParam::kSingle) continue;
    this->at_every_step([same_bus](std::size_t step) {
      const Bus<T> bus = new_bus<TypeParam>();
      const Bus<T> second = new_bus<TypeParam>();
      Publisher<T> publisher = *bus.publisher();
      Publisher<T> other = *(same_bus ? bus : second).publisher();
      Subscriber<T> on_bus = bus.subscribe();
      Subscriber<T> on_second = second.subscribe();
      Selector selector{on_bus, on_second};
      std::stop_source stop;
      std::expected<std::size_t, WaitError> ready{std::unexpect, WaitError::Closed};
      HaltedThread sleeper{0, [&] { ready = selector.wait({}, stop.get_token()); }};
      EXPECT_TRUE(sleeper.is_asleep());
      HaltedThread halted{step, [&] { publisher.publish(make<T>(1)); }};
      const bool is_halted = halted.is_halted();
      other.publish(make<T>(2));
      const bool woken = sleeper.gets_through();
      EXPECT_TRUE(woken);
      halted.finish();
      if (!woken) stop.request_stop();  // so that the test ends
      sleeper.finish();
      EXPECT_TRUE(ready);
      return is_halted;
    });
  }
}

TYPED_TEST(BesideSelectors, a_halted_selector_misses_no_message_and_keeps_nobody_asleep) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    const Bus<T> second = new_bus<TypeParam>();
    Publisher<T> publisher = *bus.publisher();
    Subscriber<T> on_bus = bus.subscribe();
    Subscriber<T> on_second = second.subscribe();
    Subscriber<T> alone = bus.subscribe();
    Selector selector{on_second, on_bus};
    std::stop_source stop;
    std::expected<std::size_t, WaitError> ready{std::unexpect, WaitError::Closed};
    HaltedThread halted{step, [&] { ready = selector.wait({}, stop.get_token()); }};
    static_cast<void>(halted.is_asleep());
    std::expected<T, RecvError> received{std::unexpect, RecvError::Empty};
    HaltedThread sleeper{0, [&] { received = alone.recv(); }};
    EXPECT_TRUE(sleeper.is_asleep());
    publisher.publish(make<T>(1));
    EXPECT_TRUE(sleeper.gets_through());
    EXPECT_TRUE(halted.gets_through());
    const bool is_halted = halted.is_halted();
    halted.release();
    const bool woken = !is_halted || halted.gets_through();
    EXPECT_TRUE(woken);
    if (!woken) stop.request_stop();  // so that the test ends
    halted.finish();
    EXPECT_EQ(ready, 1U);
    return is_halted;
  });
}

}  // namespace
}  // namespace ron::test
