// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The contract of drain: it sleeps until everybody has read what there was.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contract.hpp"
#include "threads.hpp"

namespace ron {

inline void PrintTo(const Undrained& undrained, std::ostream* out) {
  *out << undrained.name << ": " << undrained.left;
}

}  // namespace ron

namespace ron::test {
namespace {

using std::chrono::nanoseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<Setup> setups() {
  std::vector<Setup> few;
  for (const Setup& setup : all_setups()) {
    if (setup.mode == BusMode::Classic && setup.via == Via::OneHandle) few.push_back(setup);
  }
  return few;
}

class Draining : public testing::TestWithParam<Setup>, public Contract {
 protected:
  static constexpr std::size_t kCapacity = 16;

  Draining() : Contract{GetParam()} { open(kCapacity); }

  [[nodiscard]] std::unique_ptr<AnySubscriber> subscribe_as(const std::string& name,
                                                            bool gating = false) {
    return bus().subscribe({.gating = gating, .name = name}, {});
  }
  [[nodiscard]] std::vector<Undrained> drain_now() { return bus().drain(nanoseconds{0}, {}); }
  static void read(AnySubscriber& subscriber, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<Got> out;
      subscriber.receive(Way::Poll, 1, out);
    }
  }

  /// What drain returns that sleeps when `event` happens.
  template <class Event>
  std::vector<Undrained> drained_by(const Event& event, const std::stop_token& stop = {}) {
    std::vector<Undrained> answer;
    Thread drainer{[&] { answer = bus().drain({}, stop); }};
    drainer.wait_until_asleep();
    EXPECT_FALSE(drainer.is_done());
    event();
    drainer.join();
    return answer;
  }
};

INSTANTIATE_TEST_SUITE_P(All, Draining, testing::ValuesIn(setups()),
                         [](const auto& which) { return name_of(which.param); });

TEST_P(Draining, it_is_done_at_once_if_there_is_nothing_to_read) {
  EXPECT_THAT(bus().drain({}, {}), IsEmpty());
  const auto subscriber = subscribe();
  EXPECT_THAT(bus().drain({}, {}), IsEmpty());
  publish(3);
  read(*subscriber, 3);
  EXPECT_THAT(bus().drain({}, {}), IsEmpty());
}

TEST_P(Draining, when_time_is_out_it_tells_what_each_had_before_it) {
  const auto one = subscribe_as("one");
  const auto two = subscribe_as("two", true);
  const auto three = subscribe_as("three");
  publish(10);
  read(*one, 4);
  read(*three, 10);
  EXPECT_THAT(drain_now(), UnorderedElementsAre(Undrained{"one", 6}, Undrained{"two", 10}));
  read(*one, 5);
  EXPECT_THAT(drain_now(), UnorderedElementsAre(Undrained{"one", 1}, Undrained{"two", 10}));
  read(*two, 10);
  EXPECT_THAT(drain_now(), ElementsAre(Undrained{"one", 1}));
  read(*one, 1);
  EXPECT_THAT(drain_now(), IsEmpty());
}

TEST_P(Draining, it_sleeps_until_the_last_one_has_read_the_last_message) {
  for (const Way way : kAllWays) {
    if (!supports(setup().storage, way)) continue;
    SCOPED_TRACE(name_of(way));
    const auto lossy = subscribe_as("lossy");
    const auto gating = subscribe_as("gating", true);
    publish(2);
    read(*gating, 1);
    EXPECT_THAT(drained_by([&] {
                  read(*gating, 1);
                  std::vector<Got> out;
                  while (out.size() < 2) lossy->receive(way, 1, out);
                }),
                IsEmpty());
  }
}

TEST_P(Draining, what_is_published_after_the_call_is_not_waited_for) {
  const auto subscriber = subscribe_as("it");
  publish(3);
  EXPECT_THAT(drained_by([&] {
                publish(5);
                read(*subscriber, 3);
              }),
              IsEmpty());
  EXPECT_EQ(subscriber->lag(), 5U);
}

TEST_P(Draining, those_who_come_after_the_call_are_not_waited_for) {
  const auto subscriber = subscribe_as("it");
  std::unique_ptr<AnySubscriber> newcomer;
  publish(3);
  EXPECT_THAT(drained_by([&] {
                newcomer = bus().subscribe({.from = From::oldest()}, {});
                read(*subscriber, 3);
              }),
              IsEmpty());
  EXPECT_EQ(newcomer->lag(), 3U);
}

TEST_P(Draining, who_goes_is_not_waited_for_any_more) {
  auto subscriber = subscribe_as("it");
  publish(3);
  EXPECT_THAT(drained_by([&] { subscriber.reset(); }), IsEmpty());
  subscriber = subscribe_as("it", true);
  publish(3);
  EXPECT_THAT(drained_by([&] {
                subscriber.reset();
                // Its record is used again, by one who stands where it stood.
                subscriber = bus().subscribe({.gating = true, .from = From::last(3)}, {});
              }),
              IsEmpty());
}

TEST_P(Draining, what_was_overwritten_counts_as_read_when_it_was_told) {
  const auto subscriber = subscribe_as("it");
  publish(3);
  EXPECT_THAT(drained_by([&] {
                publish(kCapacity);
                EXPECT_EQ(subscriber->receive_one(Way::Poll), lagged(3));
              }),
              IsEmpty());
}

TEST_P(Draining, what_is_not_wanted_counts_as_read_when_it_was_passed_over) {
  const auto picky = bus().subscribe({}, [](Id) { return false; });
  publish(5);
  EXPECT_THAT(drained_by([&] { EXPECT_TRUE(picky->receive_one(Way::Poll).is_nothing()); }),
              IsEmpty());
}

TEST_P(Draining, it_rouses_those_who_sleep_until_something_comes_that_they_want) {
  const auto picky = bus().subscribe({.interest = Interest{1} << 63}, {});
  Thread sleeper{[&] {
    // Where messages do not tell what they are about, it gets them all.
    for (;;) {
      if (picky->wait(Way::Visit, {}, {}) == kClosed) return;
    }
  }};
  sleeper.wait_until_asleep();
  publish(3);
  EXPECT_THAT(bus().drain({}, {}), IsEmpty());
  EXPECT_EQ(bus().subscribers().front().behind, 0U);
  bus().close();
}

TEST_P(Draining, it_works_on_a_closed_bus) {
  const auto subscriber = subscribe_as("it");
  publish(3);
  bus().close();
  EXPECT_THAT(drain_now(), ElementsAre(Undrained{"it", 3}));
  EXPECT_THAT(drained_by([&] { read(*subscriber, 3); }), IsEmpty());
}

TEST_P(Draining, a_stop_ends_it) {
  const auto subscriber = subscribe_as("it");
  publish(3);
  std::stop_source stop;
  EXPECT_THAT(drained_by([&] { stop.request_stop(); }, stop.get_token()),
              ElementsAre(Undrained{"it", 3}));
  EXPECT_THAT(bus().drain({}, stop.get_token()), ElementsAre(Undrained{"it", 3}));
}

TEST_P(Draining, several_drains_with_several_targets_end_each_in_its_time) {
  const auto subscriber = subscribe_as("it");
  std::atomic<int> ended{0};
  std::vector<std::unique_ptr<Thread>> drainers;
  for (int i = 0; i < 3; ++i) {
    publish(2);
    drainers.push_back(std::make_unique<Thread>([&] {
      EXPECT_THAT(bus().drain({}, {}), IsEmpty());
      ended.fetch_add(1);
    }));
    drainers.back()->wait_until_asleep();
  }
  for (int i = 0; i < 3; ++i) {
    read(*subscriber, 1);
    EXPECT_EQ(ended.load(), i);
    read(*subscriber, 1);
    drainers[static_cast<std::size_t>(i)]->join();
  }
}

TEST_P(Draining, a_publisher_that_drains_again_and_again_always_finds_all_read) {
  std::vector<std::unique_ptr<AnySubscriber>> subscribers;
  for (int i = 0; i < 3; ++i) subscribers.push_back(subscribe_as("", i == 2));
  std::vector<std::unique_ptr<Thread>> readers;
  for (const auto& subscriber : subscribers) {
    readers.push_back(std::make_unique<Thread>([&] {
      while (subscriber->wait(Way::Visit, {}, {}).kind != Got::Closed) {
      }
    }));
  }
  const std::size_t rounds = scaled(400);
  for (std::size_t round = 0; round < rounds; ++round) {
    publish(1 + round % kCapacity);
    EXPECT_THAT(bus().drain({}, {}), IsEmpty());
    for (const SubscriberInfo& info : bus().subscribers()) EXPECT_EQ(info.behind, 0U);
  }
  bus().close();
  readers.clear();
  for (const auto& subscriber : subscribers) EXPECT_EQ(subscriber->missed(), 0U);
}

}  // namespace
}  // namespace ron::test
