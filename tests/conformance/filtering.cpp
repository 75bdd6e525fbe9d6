// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The contract of not wanting to see everything, for every storage and every way to receive.
#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "contract.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using std::chrono::nanoseconds;

/// Types that tell what they are about: message `id` is about topic `id % 8`.
bool tells_interest(Storage storage) {
  return storage == Storage::DenseStruct || storage == Storage::CopiedStruct ||
         storage == Storage::PinnedMoveOnly;
}
constexpr Interest about(std::initializer_list<Id> topics) {
  Interest sum = 0;
  for (const Id topic : topics) sum |= Interest{1} << topic;
  return sum;
}

struct Case {
  Setup setup;
  Way way;
};

void PrintTo(const Case& which, std::ostream* out) {
  *out << name_of(which.setup) << "_" << name_of(which.way);
}

/// One for each path through a reader.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Storage storage : kAllStorages) {
    for (const Way way : {Way::Recv, Way::RecvMany, Way::Visit, Way::Borrow}) {
      if (!supports(storage, way)) continue;
      cases.push_back({{storage, Via::OneHandle, FencePolicy::Membarrier, BusMode::Classic}, way});
    }
  }
  return cases;
}

class Filtering : public testing::TestWithParam<Case>, public Contract {
 protected:
  static constexpr std::size_t kCapacity = 16;

  Filtering() : Contract{GetParam().setup}, way_{GetParam().way} { open(kCapacity); }

  [[nodiscard]] std::unique_ptr<AnySubscriber> subscribe_to(const Wanted& wanted,
                                                            const SubscribeOptions& options = {}) {
    return bus().subscribe(options, wanted);
  }
  template <class WantedFn>
  [[nodiscard]] static std::vector<Got> wanted_messages(Id from, Id to, const WantedFn& wanted) {
    std::vector<Got> some;
    for (Id id = from; id < to; ++id) {
      if (wanted(id)) some.push_back(message(id));
    }
    return some;
  }
  void expect_all_accounted_for(const AnySubscriber& subscriber) {
    EXPECT_EQ(
        subscriber.received() + subscriber.filtered() + subscriber.missed() + subscriber.lag(),
        bus().published());
  }
  [[nodiscard]] bool tells() const { return tells_interest(setup().storage); }

  const Way way_;
};

INSTANTIATE_TEST_SUITE_P(All, Filtering, testing::ValuesIn(all_cases()), [](const auto& which) {
  return name_of(which.param.setup) + "_" + name_of(which.param.way);
});

/// Of the types that tell what they are about.
class FilteringByInterest : public Filtering {};

std::vector<Case> cases_of_interest() {
  std::vector<Case> cases = all_cases();
  std::erase_if(cases, [](const Case& which) { return !tells_interest(which.setup.storage); });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, FilteringByInterest, testing::ValuesIn(cases_of_interest()),
                         [](const auto& which) {
                           return name_of(which.param.setup) + "_" + name_of(which.param.way);
                         });

constexpr auto kThirds = [](Id id) { return id % 3 == 0; };

TEST_P(Filtering, what_a_predicate_rejects_is_passed_over_and_counted) {
  const auto subscriber = subscribe_to(kThirds);
  for (const Id begin : {0U, 16U, 32U}) {
    publish(kCapacity);
    EXPECT_EQ(subscriber->drain(way_, 4), wanted_messages(begin, begin + kCapacity, kThirds));
    EXPECT_EQ(subscriber->next_sequence(), begin + kCapacity);
    expect_all_accounted_for(*subscriber);
  }
  EXPECT_EQ(subscriber->received(), 16U);
  EXPECT_EQ(subscriber->filtered(), 32U);
  EXPECT_EQ(subscriber->missed(), 0U);
  EXPECT_EQ(bus().subscribers().front().filtered, 32U);
  bus().close();
  EXPECT_EQ(subscriber->drain(way_), std::vector{kClosed});
}

TEST_P(Filtering, what_is_about_nothing_of_interest_is_passed_over_and_counted) {
  const auto subscriber = subscribe_to({}, {.interest = about({1, 6})});
  const auto both = subscribe_to(kThirds, {.interest = about({0, 3})});
  publish(kCapacity);
  const auto by_interest = [this](std::initializer_list<Id> topics) {
    return [this, wanted = about(topics)](Id id) {
      return !tells() || (about({id % 8}) & wanted) != 0;
    };
  };
  EXPECT_EQ(subscriber->drain(way_), wanted_messages(0, kCapacity, by_interest({1, 6})));
  EXPECT_EQ(both->drain(way_), wanted_messages(0, kCapacity, [&](Id id) {
              return kThirds(id) && by_interest({0, 3})(id);
            }));
  EXPECT_EQ(subscriber->filtered(), tells() ? 12U : 0U);
  expect_all_accounted_for(*subscriber);
  expect_all_accounted_for(*both);
}

TEST_P(Filtering, a_ring_of_what_is_not_wanted_is_passed_over_in_one_call) {
  const auto subscriber = subscribe_to([](Id) { return false; });
  publish(kCapacity);
  EXPECT_TRUE(subscriber->receive_one(way_).is_nothing());
  EXPECT_EQ(subscriber->filtered(), kCapacity);
  EXPECT_EQ(subscriber->lag(), 0U);
  publish(kCapacity);
  bus().close();
  EXPECT_EQ(subscriber->receive_one(way_), kClosed);
  EXPECT_EQ(subscriber->filtered(), 2 * kCapacity);
}

TEST_P(Filtering, what_was_overwritten_is_missed_whether_it_was_wanted_or_not) {
  const auto subscriber = subscribe_to(kThirds);
  publish(kCapacity + 7);
  EXPECT_EQ(subscriber->receive_one(way_), lagged(7));
  EXPECT_EQ(subscriber->drain(way_, 3), wanted_messages(7, kCapacity + 7, kThirds));
  EXPECT_EQ(subscriber->missed(), 7U);
  expect_all_accounted_for(*subscriber);

  const auto newest = subscribe_to(kThirds, {.on_lag = OnLag::ToNewest});
  publish(kCapacity + 1);  // the last one is number 39
  EXPECT_EQ(newest->drain(way_), (std::vector{lagged(16), message(39)}));
}

TEST_P(Filtering, lag_is_told_before_the_batch_that_follows_what_was_passed_over) {
  const auto subscriber = subscribe_to([](Id id) { return id >= 4; });
  publish(6);
  std::vector<Got> out;
  subscriber->receive(way_, 1, out);
  EXPECT_EQ(out, messages(4, 5));
  publish(kCapacity);
  EXPECT_EQ(subscriber->drain(way_, 100), std::vector{lagged(1)} + messages(6, 22));
}

#if defined(__cpp_exceptions)
TEST_P(Filtering, a_predicate_that_throws_reaches_the_caller_and_moves_nothing) {
  bool throws = true;
  const auto subscriber = subscribe_to([&](Id id) {
    if (throws && id == 2) throw std::runtime_error{"number 2"};
    return id != 0;
  });
  publish(2);
  EXPECT_EQ(subscriber->drain(way_, 1), messages(1, 2));
  publish(3);
  for (int i = 0; i < 2; ++i) {
    std::vector<Got> out;
    EXPECT_THROW(subscriber->receive(way_, 3, out), std::runtime_error);
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(subscriber->next_sequence(), 2U);
  }
  throws = false;
  EXPECT_EQ(subscriber->drain(way_, 2), messages(2, 5));
  EXPECT_EQ(subscriber->filtered(), 1U);
  expect_all_accounted_for(*subscriber);
}
#endif

TEST_P(Filtering, copies_want_the_same) {
  const auto subscriber = subscribe_to(kThirds, {.interest = about({0, 3, 6})});
  publish(kCapacity);
  const auto wanted = [this](Id id) { return kThirds(id) && (!tells() || kThirds(id % 8)); };
  EXPECT_EQ(subscriber->fork()->drain(way_), wanted_messages(0, kCapacity, wanted));
  const auto again = subscriber->resubscribe();
  publish(kCapacity);
  EXPECT_EQ(again->drain(way_), wanted_messages(kCapacity, 2 * kCapacity, wanted));
}

TEST_P(Filtering, a_gate_moves_on_with_what_is_passed_over) {
  const auto subscriber = subscribe_to([](Id) { return false; }, {.gating = true});
  Id next = 0;
  for (Id round = 0; round < 3; ++round) {
    while (outlet().try_publish(next).result) ++next;
    EXPECT_EQ(next, (round + 1) * kCapacity);
    EXPECT_TRUE(subscriber->receive_one(way_).is_nothing());
  }
}

TEST_P(Filtering, waiting_goes_on_over_what_is_not_wanted) {
  const auto subscriber = subscribe_to([](Id id) { return id >= 40; });
  Got answer;
  Thread sleeper{[&] { answer = subscriber->wait(way_, {}, {}); }};
  for (Id id = 0; id < 40; ++id) {
    if (id % 10 == 0) sleeper.wait_until_asleep();
    outlet().publish(id);
  }
  sleeper.wait_until_asleep();
  EXPECT_FALSE(sleeper.is_done());
  outlet().publish(40);
  sleeper.join();
  EXPECT_EQ(answer, message(40));
  EXPECT_EQ(subscriber->filtered(), 40U);
}

TEST_P(Filtering, waiting_ends_although_there_is_always_something_that_is_not_wanted) {
  // Whoever looks finds one more.
  const auto subscriber = subscribe_to([this](Id) {
    outlet().publish(bus().published());
    return false;
  });
  publish(1);
  EXPECT_EQ(subscriber->wait(way_, nanoseconds{0}, {}), kTimeout);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(subscriber->wait(way_, {}, stopped.get_token()), kStopped);
  EXPECT_EQ(subscriber->missed(), 0U);
  expect_all_accounted_for(*subscriber);
}

TEST_P(FilteringByInterest, who_sleeps_while_the_messages_of_others_go_by_is_not_overrun_by_them) {
  const auto subscriber = subscribe_to({}, {.interest = about({7}), .name = "it"});
  Got answer;
  Thread sleeper{[&] { answer = subscriber->wait(way_, {}, {}); }};
  sleeper.wait_until_asleep();
  // What it does not want, in steps of half a ring; it passes over each of them.
  for (int step = 0; step < 20; ++step) {
    for (std::size_t i = 0; i < kCapacity / 2; ++i) outlet().publish(8 * i);
    while (bus().subscribers().front().behind >= kCapacity / 2) std::this_thread::yield();
  }
  EXPECT_FALSE(sleeper.is_done());
  outlet().publish(7);
  sleeper.join();
  EXPECT_EQ(answer, message(7));
  EXPECT_EQ(subscriber->missed(), 0U);
  EXPECT_EQ(subscriber->filtered(), 10 * kCapacity);
}

}  // namespace
}  // namespace ron::test
