// SPDX-License-Identifier: MIT OR Apache-2.0
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "buses.hpp"
#include "payloads.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

constexpr std::uint32_t kEvery = 64;
constexpr std::uint32_t kRetained = 1024;

template <class Storage>
class Measuring : public testing::Test {
 public:
  using Message = typename Storage::Message;

  static Bus<Message> bus_with(const MetricsCfg& metrics, BusMode mode = BusMode::Classic) {
    auto builder = Storage::builder();
    return builder.cap(kRetained).metrics(metrics).mode(mode).template build<Message>().value();
  }
  static Message message(std::uint64_t number) {
    if constexpr (std::is_same_v<Message, std::string>)
      return std::to_string(number);
    else
      return number;
  }
};
TYPED_TEST_SUITE(Measuring, Storages, StorageName);

TYPED_TEST(Measuring, nothing_is_measured_unless_asked_for) {
  auto bus = this->bus_with({});
  auto subscriber = bus.subscribe();
  auto publisher = bus.publisher().value();
  for (std::uint64_t i = 0; i < kRetained; ++i) publisher.publish(this->message(i));
  while (subscriber.try_recv()) {
  }
  const BusSnapshot snapshot = bus.snapshot();
  EXPECT_TRUE(snapshot.publish_ns.empty());
  EXPECT_TRUE(snapshot.end_to_end_ns.empty());
  EXPECT_TRUE(snapshot.subscribers.front().distance.empty());
}

TYPED_TEST(Measuring, one_in_so_many_publishes_is_timed) {
  auto bus = this->bus_with({.sample_every = kEvery});
  auto publisher = bus.publisher().value();
  constexpr std::uint64_t kMessages = 100 * kEvery;
  for (std::uint64_t i = 0; i < kMessages; ++i) publisher.publish(this->message(i));
  const BusSnapshot snapshot = bus.snapshot();
  EXPECT_NEAR(static_cast<double>(snapshot.publish_ns.count()), 100, 5);
  EXPECT_TRUE(snapshot.end_to_end_ns.empty()) << "was not asked for";
  EXPECT_EQ(snapshot.published, kMessages);
}

TYPED_TEST(Measuring, messages_arrive_in_order_whether_measured_or_not) {
  auto bus = this->bus_with({.sample_every = 3, .end_to_end = true});
  auto subscriber = bus.subscribe();
  auto publisher = bus.publisher().value();
  std::uint64_t next = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 5; ++i) publisher.publish(this->message(next++));
    ASSERT_TRUE(publisher.try_publish(this->message(next++)));
    publisher.emplace(this->message(next++));
    ASSERT_EQ(publisher.publish_many(std::vector{this->message(next), this->message(next + 1)}),
              1U);
    next += 2;
    ASSERT_TRUE(publisher.publish_wait(this->message(next++)));
  }
  for (std::uint64_t i = 0; i < next; ++i) ASSERT_EQ(subscriber.try_recv(), this->message(i));
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::Empty);
  EXPECT_EQ(bus.refused(), 0U);
}

TYPED_TEST(Measuring, stamped_messages_tell_how_long_they_took) {
  auto bus = this->bus_with({.sample_every = kEvery, .end_to_end = true});
  auto one = bus.subscribe();
  auto another = bus.subscribe();
  auto publisher = bus.publisher().value();
  for (std::uint64_t i = 0; i < kRetained; ++i) publisher.publish(this->message(i));
  const std::uint64_t stamped = bus.snapshot().publish_ns.count();
  ASSERT_GT(stamped, 10U);
  std::vector<typename TestFixture::Message> batch(100);
  while (one.try_recv_many(batch)) {
  }
  EXPECT_EQ(bus.snapshot().end_to_end_ns.count(), stamped);
  while (another.try_visit([](const auto&) {})) {
  }
  EXPECT_EQ(bus.snapshot().end_to_end_ns.count(), 2 * stamped) << "each subscriber tells";
  EXPECT_GT(bus.snapshot().end_to_end_ns.quantile(0.5), 0U);
}

TYPED_TEST(Measuring, sampled_receives_tell_how_far_behind_they_are) {
  auto bus = this->bus_with({.sample_every = kEvery});
  auto subscriber = bus.subscribe();
  for (std::uint64_t i = 0; i < kRetained; ++i) bus.publish(this->message(i));
  while (subscriber.try_recv()) {
  }
  const SubscriberInfo info = bus.subscribers().front();
  EXPECT_EQ(info.distance.count(), kRetained / kEvery);
  EXPECT_NEAR(static_cast<double>(info.most_behind), kRetained - kEvery, kEvery);
}

TYPED_TEST(Measuring, sizes_of_batches_are_told) {
  auto bus = this->bus_with({.sample_every = 1}, BusMode::Batched);
  auto publisher = bus.publisher().value();
  for (std::uint64_t i = 0; i < 10; ++i) publisher.publish(this->message(i));
  publisher.flush();
  publisher.publish_many(std::vector{this->message(0), this->message(1), this->message(2)});
  const BusSnapshot snapshot = bus.snapshot();
  EXPECT_EQ(snapshot.batch_sizes.count(), 2U);
  EXPECT_EQ(snapshot.batch_sizes.sum(), 13U);
  EXPECT_EQ(snapshot.batch_sizes.max(), 10U);
}

TYPED_TEST(Measuring, in_batched_modes_sampled_hand_overs_are_timed_as_a_whole) {
  auto bus = this->bus_with({.sample_every = kEvery, .end_to_end = true}, BusMode::Batched);
  auto subscriber = bus.subscribe();
  auto publisher = bus.publisher().value();
  const std::size_t staged = bus.config().tls_flush_threshold.value;
  ASSERT_EQ(staged, kEvery);
  for (std::uint64_t i = 0; i < kRetained; ++i) publisher.publish(this->message(i));
  const std::uint64_t timed = bus.snapshot().publish_ns.count();
  EXPECT_NEAR(static_cast<double>(timed), double(kRetained / kEvery), 5);
  while (subscriber.try_recv()) {
  }
  EXPECT_EQ(bus.snapshot().end_to_end_ns.count(), timed) << "one of each is stamped";
  const std::vector batch(kEvery, this->message(0));
  for (int i = 0; i < 10; ++i) publisher.publish_many(batch);
  EXPECT_EQ(bus.snapshot().publish_ns.count(), timed) << "a batch of the caller's is no publish";
}

TYPED_TEST(Measuring, a_closed_bus_refuses_whoever_is_about_to_measure) {
  auto bus = this->bus_with({.sample_every = 1});
  auto subscriber = bus.subscribe();
  auto publisher = bus.publisher().value();
  for (std::uint64_t i = 0; i < 20; ++i) publisher.publish(this->message(i));
  bus.close();
  EXPECT_EQ(publisher.publish(this->message(20)), 0U);
  EXPECT_EQ(publisher.try_publish(this->message(21)).error(), PublishError::Closed);
  EXPECT_EQ(bus.refused(), 2U);
  for (std::uint64_t i = 0; i < 20; ++i) ASSERT_EQ(subscriber.try_recv(), this->message(i));
  EXPECT_EQ(subscriber.try_recv().error(), RecvError::Closed);
}

/// Publishes another when it is made.
struct Nesting {
  std::string text;
  Nesting(const std::function<void(int)>& publish, int depth) : text{std::to_string(depth)} {
    if (depth > 0) publish(depth - 1);
  }
};

TEST(MeasuringTest, who_makes_a_message_may_publish_by_the_same_publisher) {
  auto bus = BusBuilder{}.cap(64).metrics({.sample_every = 1, .end_to_end = true}).build<Nesting>();
  auto subscriber = bus->subscribe();
  auto publisher = bus->publisher().value();
  std::function<void(int)> publish;
  publish = [&](int depth) { EXPECT_EQ(publisher.emplace(publish, depth), 1U); };
  for (int round = 0; round < 4; ++round) {
    publish(3);
    for (int depth = 0; depth <= 3; ++depth) {
      EXPECT_EQ(subscriber.try_recv().value().text, std::to_string(depth));
    }
  }
  EXPECT_EQ(bus->refused(), 0U);
}

TEST(MeasuringTest, an_application_may_measure_from_publish_to_receive_itself) {
  using std::chrono::nanoseconds;
  auto bus = BusBuilder{}.metrics({.sample_every = 1}).build<std::uint64_t>();
  auto subscriber = bus->subscribe();
  auto publisher = bus->publisher().value();
  publisher.publish(0);
  ASSERT_TRUE(subscriber.try_recv());
  EXPECT_TRUE(bus->snapshot().end_to_end_ns.empty()) << "the bus stamps nothing unasked";
  {
    Thread other{[&] { bus->record_end_to_end(nanoseconds{5000}); }};
    subscriber.record_end_to_end(nanoseconds{7000});
    bus->record_end_to_end(nanoseconds{-1});
  }
  EXPECT_EQ(bus->snapshot().end_to_end_ns.count(), 3U);
  EXPECT_EQ(bus->snapshot().end_to_end_ns.sum(), 12000U) << "what is negative counts as 0";

  auto plain = BusBuilder{}.metrics({.end_to_end = true}).build<std::uint64_t>();
  plain->record_end_to_end(nanoseconds{5000});
  EXPECT_TRUE(plain->snapshot().end_to_end_ns.empty()) << "it does not measure";
}

TEST(MeasuringTest, publishers_measure_beside_each_other_and_lose_nothing) {
  constexpr std::uint64_t kMessages = 20000;
  auto bus =
      BusBuilder{}.cap(256).metrics({.sample_every = 5, .end_to_end = true}).build<std::uint64_t>();
  auto subscriber = bus->subscribe();
  {
    const auto publish = [&] {
      auto publisher = bus->publisher().value();
      for (std::uint64_t i = 0; i < kMessages; ++i) publisher.publish(i);
    };
    Thread one{publish};
    Thread two{publish};
    for (std::uint64_t read = 0; read < 2 * kMessages;) {
      const auto message = subscriber.recv();
      read += message ? 1 : message.error().missed();
    }
  }
  const BusSnapshot snapshot = bus->snapshot();
  EXPECT_EQ(snapshot.published, 2 * kMessages);
  EXPECT_EQ(snapshot.received + snapshot.missed, 2 * kMessages);
  EXPECT_GT(snapshot.publish_ns.count(), 0U);
  EXPECT_LE(snapshot.publish_ns.count(), 2 * kMessages);
}

}  // namespace
}  // namespace ron::test
