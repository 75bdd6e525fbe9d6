// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The contract of waiting, with threads that really sleep.
#include <atomic>
#include <chrono>

#include "contract.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

struct WaitingCase {
  Setup setup;
  Way way;
};

void PrintTo(const WaitingCase& which, std::ostream* out) {
  *out << name_of(which.setup) << "_" << name_of(which.way);
}

std::vector<WaitingCase> waiting_cases() {
  std::vector<WaitingCase> cases;
  for (const Setup& setup : all_setups()) {
    if (setup.via != Via::OneHandle) continue;
    for (const Way way : kAllWays) {
      // The modes differ in how a thread waits, not in what it receives then.
      if (setup.mode != BusMode::Classic && way != Way::Visit) continue;
      if (can_wait(way) && supports(setup.storage, way)) cases.push_back({setup, way});
    }
  }
  return cases;
}

class Waiting : public testing::TestWithParam<WaitingCase>, public Contract {
 protected:
  Waiting() : Contract{GetParam().setup}, way_{GetParam().way} {}

  /// What a thread gets that is asleep in a receive when `event` happens.
  template <class Event>
  Got woken_by(AnySubscriber& subscriber, Event&& event, const std::stop_token& stop = {}) {
    Got answer;
    Thread sleeper{[&] { answer = subscriber.wait(way_, {}, stop); }};
    sleeper.wait_until_asleep();
    event();
    sleeper.join();
    return answer;
  }

  const Way way_;
};

INSTANTIATE_TEST_SUITE_P(All, Waiting, testing::ValuesIn(waiting_cases()), [](const auto& which) {
  return name_of(which.param.setup) + "_" + name_of(which.param.way);
});

TEST_P(Waiting, a_sleeper_is_woken_by_every_way_to_publish) {
  open(4);
  const auto subscriber = subscribe();
  const auto flushing = [&](auto&& publish) { return [&] { publish(), outlet().flush(); }; };
  EXPECT_EQ(woken_by(*subscriber, flushing([&] { outlet().publish(10); })), message(10));
  EXPECT_EQ(woken_by(*subscriber, flushing([&] { outlet().emplace(11); })), message(11));
  EXPECT_EQ(woken_by(*subscriber, [&] { outlet().publish_many(std::vector<Id>{12}); }),
            message(12));
  EXPECT_EQ(woken_by(*subscriber, [&] { EXPECT_TRUE(outlet().try_publish(13).result); }),
            message(13));
  EXPECT_EQ(woken_by(*subscriber, [&] { EXPECT_TRUE(outlet().publish_wait(14, {}, {}).result); }),
            message(14));
}

TEST_P(Waiting, close_wakes_a_sleeper) {
  open(4);
  const auto subscriber = subscribe();
  EXPECT_EQ(woken_by(*subscriber, [&] { bus().close(); }), kClosed);
  EXPECT_EQ(subscriber->wait(way_, {}, {}), kClosed) << "and does not let it sleep again";
}

TEST_P(Waiting, the_last_publishing_handle_that_goes_wakes_a_sleeper) {
  open(4);
  const auto subscriber = subscribe();
  drop_bus();
  EXPECT_EQ(woken_by(*subscriber, [&] { drop_publishers(); }), kClosed);
}

TEST_P(Waiting, a_stop_request_wakes_a_sleeper) {
  open(4);
  const auto subscriber = subscribe();
  std::stop_source source;
  EXPECT_EQ(woken_by(*subscriber, [&] { source.request_stop(); }, source.get_token()), kStopped);
  publish(1);
  EXPECT_EQ(subscriber->wait(way_, {}, source.get_token()), message(0))
      << "what is there comes before the stop";
}

TEST_P(Waiting, a_wait_ends_at_its_deadline_and_not_before) {
  open(4);
  const auto subscriber = subscribe();
  const auto deadline = steady_clock::now() + milliseconds{2};
  EXPECT_EQ(subscriber->wait(way_, deadline, {}), kTimeout);
  EXPECT_GE(steady_clock::now(), deadline);
  EXPECT_EQ(subscriber->wait(way_, steady_clock::now() - milliseconds{1}, {}), kTimeout);
  publish(1);
  EXPECT_EQ(subscriber->wait(way_, steady_clock::now() - milliseconds{1}, {}), message(0))
      << "what is there comes before the deadline";
}

TEST_P(Waiting, a_message_wakes_a_sleeper_that_has_a_deadline) {
  open(4);
  const auto subscriber = subscribe();
  Got answer;
  Thread sleeper{[&] { answer = subscriber->wait(way_, std::chrono::hours{1}, {}); }};
  sleeper.wait_until_asleep();
  publish(1);
  sleeper.join();
  EXPECT_EQ(answer, message(0));
}

class Sleepers : public testing::TestWithParam<Setup>, public Contract {
 protected:
  Sleepers() : Contract{GetParam()} {}

  void fill() {
    while (outlet().try_publish(bus().published()).result) {
    }
  }
};

INSTANTIATE_TEST_SUITE_P(All, Sleepers, testing::ValuesIn(all_setups()),
                         [](const auto& which) { return name_of(which.param); });

TEST_P(Sleepers, one_publish_wakes_all_of_them) {
  open(4);
  constexpr std::size_t kCount = 5;
  std::vector<std::unique_ptr<AnySubscriber>> subscribers;
  std::vector<Got> answers(kCount);
  std::vector<std::unique_ptr<Thread>> threads;
  for (std::size_t i = 0; i < kCount; ++i) subscribers.push_back(subscribe());
  for (std::size_t i = 0; i < kCount; ++i) {
    threads.push_back(std::make_unique<Thread>(
        [&, i] { answers[i] = subscribers[i]->wait(Way::Visit, {}, {}); }));
  }
  for (const auto& thread : threads) thread->wait_until_asleep();
  publish(1);
  for (const auto& thread : threads) thread->join();
  EXPECT_EQ(answers, std::vector<Got>(kCount, message(0)));
}

TEST_P(Sleepers, a_blocked_publisher_goes_on_when_the_slowest_has_read) {
  open(2);
  const auto subscriber = subscribe_gating();
  fill();
  Sent sent{0};
  Thread publisher{[&] { sent = outlet().publish_wait(2, {}, {}); }};
  publisher.wait_until_asleep();
  EXPECT_FALSE(publisher.is_done());
  EXPECT_EQ(subscriber->receive_one(Way::Poll), message(0));
  publisher.join();
  EXPECT_EQ(sent.result, 1U) << sent;
  EXPECT_EQ(subscriber->drain(Way::Poll), messages(1, 3));
}

TEST_P(Sleepers, a_blocked_batch_goes_on_whenever_there_is_room) {
  open(2);
  const auto subscriber = subscribe_gating();
  std::vector<Id> batch;
  for (Id id = 0; id < 21; ++id) batch.push_back(id);
  Sent sent{0};
  Thread publisher{[&] { sent = outlet().publish_many_wait(batch, {}, {}); }};
  publisher.wait_until_asleep();
  std::vector<Got> received;
  while (received.size() < batch.size()) received.push_back(subscriber->wait(Way::Visit, {}, {}));
  publisher.join();
  EXPECT_EQ(sent.result, 21U) << sent;
  EXPECT_EQ(received, messages(0, 21));
}

TEST_P(Sleepers, a_gating_subscriber_that_goes_releases_a_blocked_publisher) {
  open(2);
  const auto lossy = subscribe();
  auto subscriber = subscribe_gating();
  fill();
  Sent sent{0};
  Thread publisher{[&] { sent = outlet().publish_wait(2, {}, {}); }};
  publisher.wait_until_asleep();
  subscriber.reset();
  publisher.join();
  EXPECT_EQ(sent.result, 1U) << sent;
  EXPECT_EQ(lossy->drain(Way::Poll), std::vector{lagged(1)} + messages(1, 3));
}

TEST_P(Sleepers, a_gating_subscriber_told_of_its_lag_does_not_make_room) {
  open(2);
  const auto subscriber = subscribe_gating();
  publish(5);
  ASSERT_EQ(subscriber->receive_one(Way::Poll), lagged(3));
  Sent sent{0};
  Thread publisher{[&] { sent = outlet().publish_wait(5, {}, {}); }};
  publisher.wait_until_asleep();
  EXPECT_FALSE(publisher.is_done());
  ASSERT_EQ(subscriber->receive_one(Way::Poll), message(3));
  publisher.join();
  EXPECT_EQ(subscriber->drain(Way::Poll), messages(4, 6));
}

TEST_P(Sleepers, close_releases_a_blocked_publisher) {
  open(2);
  const auto subscriber = subscribe_gating();
  fill();
  const std::uint64_t refused = bus().refused();
  for (const Id id : {100U, 101U}) {
    Sent sent{0};
    Thread publisher{[&] { sent = outlet().publish_wait(id, {}, {}); }};
    if (id == 100) {
      publisher.wait_until_asleep();
      bus().close();
    }
    publisher.join();
    EXPECT_TRUE(sent.failed_with(PublishError::Closed)) << sent;
  }
  EXPECT_EQ(bus().refused(), refused + 2);
}

TEST_P(Sleepers, a_stop_request_releases_a_blocked_publisher) {
  open(2);
  const auto subscriber = subscribe_gating();
  fill();
  std::stop_source source;
  Sent sent{0};
  Thread publisher{[&] { sent = outlet().publish_wait(101, {}, source.get_token()); }};
  publisher.wait_until_asleep();
  source.request_stop();
  publisher.join();
  EXPECT_TRUE(sent.failed_with(PublishError::Stopped)) << sent;
}

}  // namespace
}  // namespace ron::test
