// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A subscriber halted at any step of a receive stops nobody, and goes on with exact counts.
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scene.hpp"

namespace ron::test {
namespace {

/// What one subscriber got, in the order in which it got it, checked against the rule that message
/// i of the order carries the number i.
class Log {
 public:
  explicit Log(std::size_t start) : at_{start} {}

  void received(Id id) { EXPECT_EQ(id, at_++); }
  /// `least` and `most`: what may have been lost, by the tail before and after.
  void lagged(std::uint64_t missed, std::uint64_t least, std::uint64_t most) {
    EXPECT_GE(missed, std::max<std::uint64_t>(least, 1));
    EXPECT_LE(missed, most);
    at_ += missed;
  }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::size_t at_;
};

/// What subscribers lost that stand at `cursor` while the tail is at `tail`.
std::uint64_t lost(std::uint64_t tail, std::uint64_t cursor) {
  return tail > cursor + kCapacity ? tail - cursor - kCapacity : 0;
}

template <class Setup>
class HaltedSubscriber : public Halting<Setup> {
 protected:
  using Payload = typename Setup::Message;

  /// A bus on which all messages are the main thread's.
  struct Act {
    Act() { publisher.emplace(*scene.bus().publisher()); }

    void publish(std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(scene.publish(*publisher));
    }
    /// Others publish several laps, come and go; half of the time the bus is closed then.
    void others_go_on(std::size_t step) {
      const std::size_t before = scene.accepted();
      publish(kManyMessages);
      EXPECT_EQ(scene.accepted(), before + kManyMessages);
      Subscriber<Payload> newcomer = scene.bus().subscribe();
      publish(1);
      const auto received = newcomer.try_recv();
      EXPECT_TRUE(received && id_of(*received) == scene.order().back());
      scene.settle();
      if (step % 2 == 0) scene.close();
    }

    Scene<Setup> scene;
    std::optional<Publisher<Payload>> publisher;
  };

  using Receive = std::function<std::expected<void, RecvError>(Subscriber<Payload>&, Log&)>;

  /// Halts `receive` at every step: with messages to read, with some lost, with none.
  void halt_everywhere(const Receive& receive) {
    for (const std::size_t published : {std::size_t{5}, kCapacity + 5, std::size_t{0}}) {
      this->at_every_step([&](std::size_t step) { return goes_on(step, published, receive); });
    }
  }

 private:
  static bool goes_on(std::size_t step, std::size_t published, const Receive& receive) {
    Act act;
    act.publish(3);
    std::optional<Subscriber<Payload>> subscriber{act.scene.bus().subscribe()};
    const std::size_t start = act.scene.accepted();
    Log log{start};
    act.publish(published);

    std::expected<void, RecvError> result;
    HaltedThread halted{step, [&] { result = receive(*subscriber, log); }};
    const bool is_halted = halted.is_halted();
    if (is_halted) act.others_go_on(step);
    halted.finish();

    const std::size_t tail = act.scene.accepted();
    if (!result && result.error().kind() == RecvError::Lagged) {
      log.lagged(result.error().missed(), lost(start + published, start), lost(tail, start));
    }
    EXPECT_EQ(subscriber->next_sequence(), log.at());
    expect_rest(*subscriber, act.scene.order(), act.scene.witness().saw_closed());
    EXPECT_EQ(subscriber->received() + subscriber->missed(), tail - start);
    act.scene.expect_all_retained();
    return is_halted;
  }
};

TYPED_TEST_SUITE(HaltedSubscriber, Setups, SetupName);

TYPED_TEST(HaltedSubscriber, in_try_recv_stops_nobody_and_counts_exactly) {
  using T = typename TypeParam::Message;
  this->halt_everywhere([](Subscriber<T>& subscriber, Log& log) -> std::expected<void, RecvError> {
    const auto received = subscriber.try_recv();
    if (!received) return std::unexpected{received.error()};
    log.received(id_of(*received));
    return {};
  });
}

TYPED_TEST(HaltedSubscriber, in_try_recv_many_stops_nobody_and_counts_exactly) {
  using T = typename TypeParam::Message;
  for (const std::size_t size : {2U, 40U}) {
    this->halt_everywhere(
        [size](Subscriber<T>& subscriber, Log& log) -> std::expected<void, RecvError> {
          std::vector<T> out(size);
          const auto count = subscriber.try_recv_many(out);
          if (!count) return std::unexpected{count.error()};
          EXPECT_GT(*count, 0U);
          for (const T& message : std::span{out}.first(*count)) log.received(id_of(message));
          return {};
        });
  }
}

TYPED_TEST(HaltedSubscriber, in_recv_many_stops_nobody_and_counts_exactly) {
  using T = typename TypeParam::Message;
  this->halt_everywhere([](Subscriber<T>& subscriber, Log& log) -> std::expected<void, RecvError> {
    std::vector<T> out(7);
    // Where there is nothing, there is none to wait for either.
    const auto count =
        subscriber.lag() == 0 ? subscriber.try_recv_many(out) : subscriber.recv_many(out);
    if (!count) return std::unexpected{count.error()};
    for (const T& message : std::span{out}.first(*count)) log.received(id_of(message));
    return {};
  });
}

TYPED_TEST(HaltedSubscriber, in_visit_keeps_its_message_alive_and_stops_nobody) {
  using T = typename TypeParam::Message;
  this->halt_everywhere([](Subscriber<T>& subscriber, Log& log) {
    return subscriber.try_visit([&log](const T& message) {
      const Id id = id_of(message);
      sync::step();  // halts here, too: while the message is looked at
      EXPECT_EQ(id_of(message), id);
      log.received(id);
    });
  });
}

TYPED_TEST(HaltedSubscriber, in_poll_stops_nobody_and_counts_exactly) {
  using T = typename TypeParam::Message;
  this->halt_everywhere([](Subscriber<T>& subscriber, Log& log) -> std::expected<void, RecvError> {
    const auto count =
        subscriber.poll([&log](const T& message) { log.received(id_of(message)); }, 3);
    if (!count) return std::unexpected{count.error()};
    return {};
  });
}

TYPED_TEST(HaltedSubscriber, in_borrow_keeps_its_message_alive_and_stops_nobody) {
  using T = typename TypeParam::Message;
  this->halt_everywhere([](Subscriber<T>& subscriber, Log& log) -> std::expected<void, RecvError> {
    std::optional<Borrowed<T>> kept;
    {
      auto borrowed = subscriber.try_borrow();
      if (!borrowed) return std::unexpected{borrowed.error()};
      log.received(id_of(**borrowed));
      kept.emplace(*std::move(borrowed));
    }
    sync::step();
    EXPECT_EQ(id_of(**kept) + 1, log.at());
    return {};
  });
}

TYPED_TEST(HaltedSubscriber, with_a_borrowed_message_keeps_it_beyond_the_bus) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    std::optional<Borrowed<T>> kept;
    bool is_halted = false;
    {
      typename TestFixture::Act act;
      Subscriber<T> subscriber = act.scene.bus().subscribe();
      act.publish(kCapacity);
      HaltedThread halted{step, [&] {
                            if (auto borrowed = subscriber.try_borrow()) {
                              kept.emplace(*std::move(borrowed));
                            }
                          }};
      is_halted = halted.is_halted();
      if (is_halted) act.others_go_on(step);
    }
    if (kept) {
      EXPECT_EQ(id_of(**kept), 0U);
    }
    return is_halted;
  });
}

TYPED_TEST(HaltedSubscriber, coming_stops_nobody_and_sees_all_from_its_start_on) {
  using T = typename TypeParam::Message;
  for (const bool gating : {false, true}) {
    this->at_every_step([gating](std::size_t step) {
      typename TestFixture::Act act;
      act.publish(5);
      std::optional<Subscriber<T>> subscriber;
      HaltedThread halted{
          step, [&] { subscriber.emplace(act.scene.bus().subscribe({.gating = gating})); }};
      const bool is_halted = halted.is_halted();
      if (is_halted) {
        // The count may tell of the one who is coming.
        for (std::size_t i = 0; i < kManyMessages; ++i) {
          EXPECT_GE(act.publisher->publish(make<T>(5 + i)), 3U);
          act.scene.witness().drain();
        }
        EXPECT_EQ(act.scene.order().size(), 5 + kManyMessages);
        if (step % 2 == 0) act.scene.bus().close();
      }
      halted.finish();
      act.scene.witness().drain();
      EXPECT_GE(subscriber->next_sequence(), 5U);
      expect_rest(*subscriber, act.scene.order(), act.scene.witness().saw_closed());
      EXPECT_EQ(act.scene.bus().subscriber_count(), 4U);
      return is_halted;
    });
  }
}

TYPED_TEST(HaltedSubscriber, going_stops_nobody) {
  using T = typename TypeParam::Message;
  for (const bool gating : {false, true}) {
    this->at_every_step([gating](std::size_t step) {
      typename TestFixture::Act act;
      std::optional<Subscriber<T>> subscriber{act.scene.bus().subscribe({.gating = gating})};
      act.publish(2);
      HaltedThread halted{step, [&] { subscriber.reset(); }};
      const bool is_halted = halted.is_halted();
      if (is_halted) act.others_go_on(step);
      halted.finish();
      EXPECT_EQ(act.scene.bus().subscriber_count(), 3U);
      act.scene.expect_all_retained();
      return is_halted;
    });
  }
}

TYPED_TEST(HaltedSubscriber, and_publisher_halted_together_leave_the_contract_whole) {
  using T = typename TypeParam::Message;
  const std::size_t before = before_the_longest_publish<TypeParam>();
  for (const bool subscriber_first : {true, false}) {
    this->at_every_step([&](std::size_t reader_step) {
      bool reader_halted = false;
      std::size_t publisher_step = 1;
      for (bool publisher_halted = true; publisher_halted; ++publisher_step) {
        typename TestFixture::Act act;
        Subscriber<T> subscriber = act.scene.bus().subscribe();
        // The subscriber stands at a message that the publisher is about to evict.
        act.publish(before < kCapacity ? kCapacity : before);
        while (subscriber.next_sequence() + kCapacity < act.scene.accepted()) {
          static_cast<void>(subscriber.try_recv());
        }
        const std::size_t start = subscriber.next_sequence();

        std::expected<T, RecvError> result{std::unexpect, RecvError::Empty};
        HaltedThread reader{reader_step, [&] { result = subscriber.try_recv(); }};
        reader_halted = reader.is_halted();
        HaltedThread writer{publisher_step, [&] { act.publisher->publish(make<T>(kFirstHalted)); }};
        publisher_halted = writer.is_halted();
        if (!TypeParam::kSingle) {
          for (std::size_t i = 0; i < kCapacity / 2; ++i) act.scene.publish(act.scene.bus());
        }
        (subscriber_first ? reader : writer).finish();
        (subscriber_first ? writer : reader).finish();

        act.scene.settle();
        EXPECT_EQ(act.scene.of_halted(), 1U);
        if (result) {
          EXPECT_EQ(id_of(*result), act.scene.order()[start]);
          EXPECT_EQ(subscriber.next_sequence(), start + 1);
        } else {
          EXPECT_EQ(result.error().kind(), RecvError::Lagged);
          EXPECT_GT(result.error().missed(), 0U);
          EXPECT_EQ(subscriber.next_sequence(), start + result.error().missed());
        }
        expect_rest(subscriber, act.scene.order(), false);
        act.scene.expect_all_retained();
        if (testing::Test::HasFailure()) {
          ADD_FAILURE() << "publisher halted at step " << publisher_step;
          return false;
        }
      }
      return reader_halted;
    });
  }
}

}  // namespace
}  // namespace ron::test
