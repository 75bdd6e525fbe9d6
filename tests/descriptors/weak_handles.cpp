// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Handles that do not keep a bus open.
#include <atomic>
#include <optional>

#include "buses.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

template <class Storage>
class WeakHandles : public OnEveryStorage<Storage> {};
TYPED_TEST_SUITE(WeakHandles, Storages, StorageName);

TYPED_TEST(WeakHandles, a_weak_bus_gives_the_bus_as_long_as_another_handle_keeps_it_open) {
  using T = typename TypeParam::Message;
  std::optional bus{TestFixture::open()};
  auto subscriber = bus->subscribe();
  const WeakBus<T> weak = bus->weak();
  EXPECT_FALSE(weak.expired());
  EXPECT_EQ(weak.lock().value().publish(make<T>(1)), 1U);
  EXPECT_EQ(id_of<T>(subscriber.try_recv().value()), 1U);

  auto publisher = bus->publisher();
  ASSERT_TRUE(publisher);
  bus.reset();
  EXPECT_TRUE(weak.lock()) << "a publisher keeps it open, too";
  EXPECT_EQ(publisher->publish(make<T>(2)), 1U) << "which lock() does not end";
  {
    const auto last = std::move(publisher);
  }
  EXPECT_EQ(id_of<T>(subscriber.try_recv().value()), 2U);
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::Closed);
  EXPECT_TRUE(weak.expired()) << "though the subscriber keeps its memory";
  EXPECT_FALSE(weak.lock());
}

TYPED_TEST(WeakHandles, what_lock_gave_keeps_the_bus_open_and_closes_it) {
  using T = typename TypeParam::Message;
  std::optional bus{TestFixture::open()};
  auto subscriber = bus->subscribe();
  auto locked = bus->weak().lock();
  ASSERT_TRUE(locked);
  bus.reset();
  EXPECT_EQ(locked->publish(make<T>(1)), 1U);
  const auto copy = locked->weak();
  locked.reset();
  EXPECT_TRUE(copy.expired());
  EXPECT_EQ(id_of<T>(subscriber.try_recv().value()), 1U);
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::Closed);
}

TYPED_TEST(WeakHandles, a_weak_bus_outlives_the_bus_and_its_memory) {
  using T = typename TypeParam::Message;
  WeakBus<T> weak;
  EXPECT_TRUE(weak.expired()) << "it belongs to no bus yet";
  EXPECT_FALSE(weak.lock());
  {
    const auto bus = TestFixture::open();
    weak = bus.weak();
    bus.close();
    EXPECT_TRUE(weak.lock()) << "a closed bus is a bus";
    EXPECT_EQ(weak.lock()->publish(make<T>(1)), 0U);
  }
  EXPECT_TRUE(weak.expired());
  EXPECT_FALSE(weak.lock());
}

TYPED_TEST(WeakHandles, a_weak_publisher_publishes_like_any_other_until_the_bus_is_closed) {
  using T = typename TypeParam::Message;
  std::optional bus{TestFixture::open()};
  auto subscriber = bus->subscribe();
  auto publisher = bus->weak_publisher();
  ASSERT_TRUE(publisher);
  EXPECT_EQ(bus->publisher_count(), 1U);
  EXPECT_EQ(publisher->publish(make<T>(1)), 1U);
  auto moved = std::move(*publisher);
  EXPECT_EQ(moved.publish(make<T>(2)), 1U);
  const auto weak = bus->weak();
  bus.reset();
  EXPECT_TRUE(weak.expired()) << "the weak publisher does not keep it open";
  EXPECT_EQ(moved.publish(make<T>(3)), 0U);
  EXPECT_EQ(moved.try_publish(make<T>(3)).error(), PublishError::Closed);
  EXPECT_EQ(id_of<T>(subscriber.try_recv().value()), 1U);
  EXPECT_EQ(id_of<T>(subscriber.try_recv().value()), 2U);
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::Closed);
}

TYPED_TEST(WeakHandles, a_weak_publisher_that_goes_closes_nothing) {
  const auto bus = TestFixture::open();
  {
    const auto weak = bus.weak_publisher();
  }
  EXPECT_FALSE(bus.is_closed());
  EXPECT_EQ(bus.publisher_count(), 0U);
  EXPECT_TRUE(bus.publisher()) << "and leaves the right to publish";
}

/// Whoever locks while the last handle goes gets a bus that is open, or none.
TYPED_TEST(WeakHandles, lock_never_gives_a_bus_that_its_last_handle_has_closed) {
  using T = typename TypeParam::Message;
  for (std::size_t round = 0; round < scaled(48); ++round) {
    std::optional bus{TestFixture::open()};
    const WeakBus<T> weak = bus->weak();
    std::atomic<bool> ready{false};
    std::size_t accepted = 0;
    std::uint64_t published = 0;
    Thread thread{[&] {
      ready = true;
      while (const auto locked = weak.lock()) {
        static_cast<void>(locked->publish(make<T>(1)));
        ++accepted;
        published = locked->published();
        EXPECT_FALSE(locked->is_closed());
      }
    }};
    while (!ready) std::this_thread::yield();
    bus.reset();
    thread.join();
    EXPECT_EQ(published, accepted);
  }
}

}  // namespace
}  // namespace ron::test
