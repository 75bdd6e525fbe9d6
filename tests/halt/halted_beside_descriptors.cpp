// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Descriptors tell of messages, and touch nobody else's, wherever a thread is halted.
#include <chrono>
#include <expected>
#include <optional>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include "event_loop.hpp"
#include "scene.hpp"

namespace ron::test {
namespace {

/// Receives until there is nothing; returns how many messages that were.
template <class T>
std::size_t drain(Subscriber<T>& subscriber) {
  std::size_t count = 0;
  while (subscriber.try_recv()) ++count;
  return count;
}

template <class Setup>
class BesideDescriptors : public Halting<Setup> {};

TYPED_TEST_SUITE(BesideDescriptors, Setups, SetupName);

TYPED_TEST(BesideDescriptors, a_halted_publisher_hides_nothing_when_another_publishes) {
  using T = typename TypeParam::Message;
  if (TypeParam::kSingle) GTEST_SKIP() << "there is no other publisher";
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    Publisher<T> publisher = *bus.publisher();
    Publisher<T> other = *bus.publisher();
    Subscriber<T> subscriber = bus.subscribe();
    const int descriptor = subscriber.descriptor().value();
    HaltedThread halted{step, [&publisher] { publisher.publish(make<T>(1)); }};
    const bool is_halted = halted.is_halted();
    other.publish(make<T>(2));
    EXPECT_TRUE(is_readable(descriptor));
    EXPECT_GE(drain(subscriber), 1U);
    EXPECT_FALSE(is_readable(descriptor));
    other.publish(make<T>(3));
    EXPECT_TRUE(is_readable(descriptor)) << "after it was at rest again";
    drain(subscriber);
    halted.finish();
    // What it wrote late wakes for nothing, once.
    drain(subscriber);
    EXPECT_FALSE(is_readable(descriptor));
    EXPECT_EQ(subscriber.received(), 3U);
    return is_halted;
  });
}

TYPED_TEST(BesideDescriptors, a_halted_publisher_hides_nothing_when_another_closes) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    Publisher<T> publisher = *bus.publisher();
    Subscriber<T> subscriber = bus.subscribe();
    const int descriptor = subscriber.descriptor().value();
    HaltedThread halted{step, [&publisher] { publisher.publish(make<T>(1)); }};
    const bool is_halted = halted.is_halted();
    bus.close();
    EXPECT_TRUE(is_readable(descriptor));
    return is_halted;
  });
}

TYPED_TEST(BesideDescriptors, a_halted_subscriber_that_found_nothing_is_told_of_what_came_since) {
  using T = typename TypeParam::Message;
  for (const bool was_readable : {false, true}) {
    this->at_every_step([was_readable](std::size_t step) {
      const Bus<T> bus = new_bus<TypeParam>();
      Publisher<T> publisher = *bus.publisher();
      Subscriber<T> subscriber = bus.subscribe();
      const int descriptor = subscriber.descriptor().value();
      if (was_readable) {
        publisher.publish(make<T>(0));
        EXPECT_TRUE(subscriber.try_recv());
      }
      bool received = false;
      HaltedThread halted{step, [&] { received = subscriber.try_recv().has_value(); }};
      const bool is_halted = halted.is_halted();
      publisher.publish(make<T>(1));
      halted.finish();
      EXPECT_TRUE(received || is_readable(descriptor));
      drain(subscriber);
      EXPECT_FALSE(is_readable(descriptor));
      publisher.publish(make<T>(2));
      EXPECT_TRUE(is_readable(descriptor));
      return is_halted;
    });
  }
}

/// The number of a closed descriptor is given to the next one that is opened.
TYPED_TEST(BesideDescriptors, a_halted_publisher_writes_to_no_descriptor_of_others) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    const Bus<T> bus = new_bus<TypeParam>();
    Publisher<T> publisher = *bus.publisher();
    std::optional<Subscriber<T>> subscriber{bus.subscribe()};
    EXPECT_TRUE(subscriber->descriptor());
    HaltedThread halted{step, [&publisher] { publisher.publish(make<T>(1)); }};
    const bool is_halted = halted.is_halted();
    subscriber.reset();
    std::vector<int> others;
    for (int i = 0; i < 4; ++i) others.push_back(::eventfd(0, EFD_NONBLOCK));
    halted.finish();
    for (const int other : others) {
      EXPECT_FALSE(is_readable(other));
      ::close(other);
    }
    return is_halted;
  });
}

}  // namespace
}  // namespace ron::test
