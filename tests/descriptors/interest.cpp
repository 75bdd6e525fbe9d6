// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a subscriber does not want wakes nobody who waits for it, in whichever way.
#include <expected>

#include "buses.hpp"
#include "event_loop.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

class WaitingByInterest : public testing::Test {
 protected:
  using Message = Words24Bytes;  // number `id` is about topic `id % 8`

  void publish(std::initializer_list<Id> ids) const {
    for (const Id id : ids) bus_.publish(make<Message>(id));
  }
  [[nodiscard]] Id receive() { return id_of<Message>(subscriber_.try_recv().value()); }

  const Bus<Message> bus_ = BusBuilder{}.cap(32).build<Message>().value();
  Subscriber<Message> subscriber_ = bus_.subscribe({.interest = 0b110});
};

TEST_F(WaitingByInterest, a_descriptor_becomes_readable_for_what_is_wanted) {
  const int descriptor = subscriber_.descriptor().value();
  for (int round = 0; round < 2; ++round) {
    publish({0, 3, 4});
    EXPECT_FALSE(is_readable(descriptor));
    publish({2, 5});
    EXPECT_TRUE(is_readable(descriptor));
    EXPECT_EQ(receive(), 2U);
    EXPECT_EQ(subscriber_.try_recv().error(), RecvError::Empty);
    EXPECT_FALSE(is_readable(descriptor));
  }
  EXPECT_EQ(subscriber_.filtered(), 8U);
}

TEST_F(WaitingByInterest, a_descriptor_tells_in_time_to_pass_over_what_is_not_wanted) {
  const int descriptor = subscriber_.descriptor().value();
  for (Id published = 0; published < 4 * bus_.capacity(); ++published) {
    publish({0});
    if (!is_readable(descriptor)) continue;
    EXPECT_EQ(subscriber_.try_recv().error(), RecvError::Empty);
  }
  EXPECT_EQ(subscriber_.wakeups(), 8U) << "once in half a ring";
  EXPECT_EQ(subscriber_.missed(), 0U);
  EXPECT_EQ(subscriber_.filtered(), 4 * bus_.capacity());
}

TEST_F(WaitingByInterest, a_selector_sleeps_through_what_is_not_wanted) {
  Selector selector{subscriber_};
  std::expected<std::size_t, WaitError> ready{std::unexpect, WaitError::Timeout};
  Thread sleeper{[&] { ready = selector.wait(); }};
  sleeper.wait_until_asleep();
  for (int i = 0; i < 3; ++i) {
    publish({0, 3});
    sleeper.wait_until_asleep();
    EXPECT_FALSE(sleeper.is_done());
  }
  publish({1});
  sleeper.join();
  EXPECT_EQ(ready, 0U);
  EXPECT_EQ(receive(), 1U);
  EXPECT_EQ(subscriber_.filtered(), 6U);
}

}  // namespace
}  // namespace ron::test
