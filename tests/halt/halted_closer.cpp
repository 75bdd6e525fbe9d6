// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A thread halted at any step of closing a bus holds up nobody, not even another close.
#include <optional>
#include <vector>

#include "scene.hpp"

namespace ron::test {
namespace {

template <class Setup>
class HaltedCloser : public Halting<Setup> {};

TYPED_TEST_SUITE(HaltedCloser, Setups, SetupName);

TYPED_TEST(HaltedCloser, does_not_hold_up_publishers_nor_another_close) {
  using T = typename TypeParam::Message;
  for (const std::size_t before : {std::size_t{0}, kCapacity + 2}) {
    for (const std::size_t meanwhile : {0U, 1U, 20U}) {
      this->at_every_step([&](std::size_t step) {
        Scene<TypeParam> scene;
        Publisher<T> publisher = *scene.bus().publisher();
        for (std::size_t i = 0; i < before; ++i) EXPECT_TRUE(scene.publish(publisher));
        HaltedThread halted{step, [&scene] { scene.bus().close(); }};
        const bool is_halted = halted.is_halted();
        if (is_halted) {
          // Some of these may be taken; once one is refused, none is.
          bool refused = false;
          for (std::size_t i = 0; i < meanwhile; ++i) {
            const bool taken = scene.publish(publisher);
            EXPECT_FALSE(taken && refused);
            refused = !taken;
          }
          scene.settle();
          scene.close();
        }
        halted.finish();
        EXPECT_FALSE(scene.publish(publisher));
        scene.settle();
        EXPECT_TRUE(scene.witness().saw_closed());
        EXPECT_EQ(scene.bus().refused(), scene.refused());
        scene.expect_all_retained();
        return is_halted;
      });
    }
  }
}

TYPED_TEST(HaltedCloser, who_saw_closed_sees_nothing_more) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    Scene<TypeParam> scene;
    Publisher<T> publisher = *scene.bus().publisher();
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(scene.publish(publisher));
    HaltedThread halted{step, [&scene] { scene.bus().close(); }};
    const bool is_halted = halted.is_halted();
    // Looks before anybody else has noticed that the bus is being closed.
    scene.witness().drain();
    const bool saw_closed = scene.witness().saw_closed();
    const std::vector<Id> order = scene.order();
    scene.publish(publisher);
    scene.settle();
    if (saw_closed) {
      EXPECT_EQ(scene.order(), order);
    }
    halted.finish();
    EXPECT_FALSE(scene.publish(publisher));
    scene.settle();
    EXPECT_TRUE(scene.witness().saw_closed());
    scene.expect_all_retained();
    return is_halted;
  });
}

TYPED_TEST(HaltedCloser, beside_a_halted_publisher_holds_up_no_other_close) {
  using T = typename TypeParam::Message;
  for (const bool publisher_first : {true, false}) {
    this->at_every_step([publisher_first](std::size_t closer_step) {
      bool closer_halted = false;
      std::size_t publisher_step = 1;
      for (bool publisher_halted = true; publisher_halted; ++publisher_step) {
        Scene<TypeParam> scene;
        Publisher<T> publisher = *scene.bus().publisher();
        // The halted message is the last of a block in dense storage.
        for (std::size_t i = 0; i < kCapacity + 4; ++i) EXPECT_TRUE(scene.publish(publisher));
        std::size_t covered = 0;
        const auto publish = [&] { covered = publisher.publish(make<T>(kFirstHalted)); };
        std::optional<HaltedThread> writer;
        if (publisher_first) {
          writer.emplace(publisher_step, publish);
          publisher_halted = writer->is_halted();
        }
        HaltedThread closer{closer_step, [&scene] { scene.bus().close(); }};
        closer_halted = closer.is_halted();
        if (!publisher_first) {
          writer.emplace(publisher_step, publish);
          publisher_halted = writer->is_halted();
        }
        scene.close();
        const std::vector<Id> order = scene.order();
        (publisher_first ? closer : *writer).finish();
        (publisher_first ? *writer : closer).finish();

        scene.settle();
        EXPECT_EQ(scene.order(), order);
        EXPECT_EQ(covered, scene.of_halted() * scene.bus().subscriber_count());
        EXPECT_EQ(scene.bus().refused(), scene.refused() + 1 - scene.of_halted());
        scene.expect_all_retained();
        if (testing::Test::HasFailure()) {
          ADD_FAILURE() << "publisher halted at step " << publisher_step;
          return false;
        }
      }
      return closer_halted;
    });
  }
}

TYPED_TEST(HaltedCloser, by_dropping_the_last_handle_stops_no_subscriber) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    std::optional<Bus<T>> bus{new_bus<TypeParam>()};
    Subscriber<T> subscriber = bus->subscribe();
    Subscriber<T> other = bus->subscribe();
    bus->publish(make<T>(0));
    HaltedThread halted{step, [&bus] { bus.reset(); }};
    const bool is_halted = halted.is_halted();
    const auto received = subscriber.try_recv();
    EXPECT_TRUE(received && id_of(*received) == 0U);
    const auto end = subscriber.try_recv();
    EXPECT_FALSE(end);
    halted.finish();
    EXPECT_EQ(subscriber.try_recv().error(), RecvError::Closed);
    expect_rest(other, {0}, true);
    return is_halted;
  });
}

}  // namespace
}  // namespace ron::test
