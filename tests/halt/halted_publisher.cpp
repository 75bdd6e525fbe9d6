// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A publisher halted at any step stops nobody and costs nobody more than what it was publishing.
#include <functional>
#include <utility>
#include <vector>

#include "scene.hpp"

namespace ron::test {
namespace {

/// A call that publishes messages from `kFirstHalted` on, by the thread that is to be halted.
template <class Setup>
struct Call {
  using T = typename Setup::Message;

  std::size_t messages = 1;
  /// What the thread publishes before it halts, through the same outlet.
  std::size_t before = 0;
  bool through_bus = false;
  /// Returns the subscribers covered. The publisher is absent if the call goes through the bus.
  std::function<std::size_t(Bus<T>&, Publisher<T>*)> run;
};

template <class Setup>
class HaltedPublisher : public Halting<Setup> {
 protected:
  using Payload = typename Setup::Message;

  /// Halts `call` at every step; then either it goes on, or the bus is closed first.
  void halt_everywhere(const Call<Setup>& call) {
    this->at_every_step([&](std::size_t step) { return goes_on(step, call); });
    this->at_every_step([&](std::size_t step) { return goes_on_after_close(step, call); });
  }

  static std::vector<Payload> batch(std::size_t count) {
    std::vector<Payload> messages;
    for (std::size_t i = 0; i < count; ++i) messages.push_back(make<Payload>(kFirstHalted + i));
    return messages;
  }

 private:
  /// The scene with its halted thread.
  struct Act {
    explicit Act(const Call<Setup>& which) : call{which} {
      if (!call.through_bus) publisher.emplace(*scene.bus().publisher());
      for (std::size_t i = 0; i < call.before; ++i) {
        EXPECT_TRUE(publisher ? scene.publish(*publisher) : scene.publish(scene.bus()));
      }
    }
    void run() { covered = call.run(scene.bus(), publisher ? &*publisher : nullptr); }

    const Call<Setup>& call;
    Scene<Setup> scene;
    std::optional<Publisher<Payload>> publisher;
    std::size_t covered = 0;
  };

  static bool goes_on(std::size_t step, const Call<Setup>& call) {
    Act act{call};
    Scene<Setup>& scene = act.scene;
    HaltedThread halted{step, [&act] { act.run(); }};
    const bool is_halted = halted.is_halted();
    if (is_halted) scene.others_go_on();
    halted.finish();

    scene.settle();
    EXPECT_EQ(scene.of_halted(), call.messages);
    EXPECT_EQ(act.covered, scene.bus().subscriber_count());
    EXPECT_EQ(scene.bus().refused(), scene.refused());
    EXPECT_TRUE(act.publisher ? scene.publish(*act.publisher) : scene.publish(scene.bus()));
    scene.settle();
    scene.expect_all_retained();
    return is_halted;
  }

  static bool goes_on_after_close(std::size_t step, const Call<Setup>& call) {
    Act act{call};
    Scene<Setup>& scene = act.scene;
    HaltedThread halted{step, [&act] { act.run(); }};
    const bool is_halted = halted.is_halted();
    if (is_halted && step % 2 == 0) scene.others_go_on();
    scene.close();
    const std::vector<Id> order = scene.order();
    halted.finish();

    scene.settle();
    EXPECT_EQ(scene.order(), order) << "the order went on after close";
    const std::size_t published = scene.of_halted();
    if (act.covered > 0) {
      EXPECT_EQ(published, call.messages);
      EXPECT_EQ(act.covered, scene.bus().subscriber_count());
    } else {
      EXPECT_LT(published, call.messages);
    }
    EXPECT_EQ(scene.bus().refused(), scene.refused() + call.messages - published);
    EXPECT_FALSE(act.publisher ? scene.publish(*act.publisher) : scene.publish(scene.bus()));
    scene.settle();
    scene.expect_all_retained();
    return is_halted;
  }
};

TYPED_TEST_SUITE(HaltedPublisher, Setups, SetupName);

template <class T>
std::size_t publish_first(Publisher<T>& publisher) {
  return publisher.publish(make<T>(kFirstHalted));
}

TYPED_TEST(HaltedPublisher, in_publish_stops_nobody_and_costs_no_other_message) {
  using T = typename TypeParam::Message;
  for (const std::size_t before : {std::size_t{0}, before_the_longest_publish<TypeParam>()}) {
    this->halt_everywhere({.before = before, .run = [](Bus<T>&, Publisher<T>* publisher) {
                             return publish_first(*publisher);
                           }});
  }
}

TYPED_TEST(HaltedPublisher, in_emplace_stops_nobody_and_costs_no_other_message) {
  using T = typename TypeParam::Message;
  this->halt_everywhere({.before = kCapacity + 3, .run = [](Bus<T>&, Publisher<T>* publisher) {
                           const T value = make<T>(kFirstHalted);
                           return publisher->emplace(value);
                         }});
}

TYPED_TEST(HaltedPublisher, in_publish_many_stops_nobody_and_costs_no_other_message) {
  using T = typename TypeParam::Message;
  constexpr std::size_t kBatch = kCapacity - 1;
  const std::vector<T> messages = this->batch(kBatch);
  const std::size_t longest = before_the_longest_publish<TypeParam>();
  for (const std::size_t before : {std::size_t{0}, longest - std::min<std::size_t>(longest, 5)}) {
    this->halt_everywhere({.messages = kBatch,
                           .before = before,
                           .run = [&messages](Bus<T>&, Publisher<T>* publisher) {
                             return publisher->publish_many(messages);
                           }});
  }
}

TYPED_TEST(HaltedPublisher, in_try_publish_stops_nobody_and_costs_no_other_message) {
  using T = typename TypeParam::Message;
  this->halt_everywhere({.before = 1, .run = [](Bus<T>&, Publisher<T>* publisher) {
                           const auto result = publisher->try_publish(make<T>(kFirstHalted));
                           if (!result) {
                             EXPECT_EQ(result.error(), PublishError::Closed);
                           }
                           return result.value_or(0);
                         }});
}

TYPED_TEST(HaltedPublisher, in_publish_through_the_bus_stops_nobody_and_costs_no_other_message) {
  using T = typename TypeParam::Message;
  for (const std::size_t before : {std::size_t{0}, kCapacity + 4}) {
    this->halt_everywhere(
        {.before = before, .through_bus = true, .run = [](Bus<T>& bus, Publisher<T>*) {
           return bus.publish(make<T>(kFirstHalted));
         }});
  }
}

TYPED_TEST(HaltedPublisher, in_publish_many_through_the_bus_stops_nobody) {
  using T = typename TypeParam::Message;
  const std::vector<T> messages = this->batch(9);
  this->halt_everywhere(
      {.messages = messages.size(),
       .before = 6,
       .through_bus = true,
       .run = [&messages](Bus<T>& bus, Publisher<T>*) { return bus.publish_many(messages); }});
}

TYPED_TEST(HaltedPublisher, coming_or_going_stops_nobody) {
  using T = typename TypeParam::Message;
  this->halt_everywhere({.before = 3, .through_bus = true, .run = [](Bus<T>& bus, Publisher<T>*) {
                           // Retried where a single publisher may find the other one busy.
                           for (;;) {
                             if (auto publisher = bus.publisher()) return publish_first(*publisher);
                           }
                         }});
}

// With messages staged.

constexpr BusMode kBatched = BusMode::Batched;
using BatchedSetups = testing::Types<Setup<Id, true, FencePolicy::Membarrier, kBatched>,
                                     Setup<Id, false, FencePolicy::Membarrier, kBatched>,
                                     Setup<Letter, false, FencePolicy::Membarrier, kBatched>>;

template <class Setup>
class HaltedBatchedPublisher : public HaltedPublisher<Setup> {};
TYPED_TEST_SUITE(HaltedBatchedPublisher, BatchedSetups, SetupName);

TYPED_TEST(HaltedBatchedPublisher, that_stages_or_hands_over_stops_nobody) {
  using T = typename TypeParam::Message;
  constexpr std::size_t kMessages = 2 * kFlushThreshold + 1;
  this->halt_everywhere(
      {.messages = kMessages, .before = 2, .run = [](Bus<T>& bus, Publisher<T>* publisher) {
         bool all = true;
         for (Id id = kFirstHalted; id < kFirstHalted + kMessages; ++id) {
           all &= publisher->publish(make<T>(id)) > 0;
         }
         all &= publisher->flush() == 1;
         return all ? bus.subscriber_count() : 0;
       }});
}

TYPED_TEST(HaltedBatchedPublisher, that_publishes_a_batch_behind_what_is_staged_stops_nobody) {
  using T = typename TypeParam::Message;
  this->halt_everywhere({.messages = 3, .run = [](Bus<T>& bus, Publisher<T>* publisher) {
                           const bool staged = publisher->publish(make<T>(kFirstHalted)) > 0;
                           const std::vector<T> rest{make<T>(kFirstHalted + 1),
                                                     make<T>(kFirstHalted + 2)};
                           const bool published = publisher->publish_many(rest) > 0;
                           return staged && published ? bus.subscriber_count() : 0;
                         }});
}

TYPED_TEST(HaltedBatchedPublisher, that_goes_stops_nobody_and_takes_nothing_along) {
  using T = typename TypeParam::Message;
  this->at_every_step([](std::size_t step) {
    constexpr std::size_t kStaged = kFlushThreshold - 1;
    Scene<TypeParam> scene;
    std::optional<Publisher<T>> publisher{*scene.bus().publisher()};
    for (Id id = kFirstHalted; id < kFirstHalted + kStaged; ++id) publisher->publish(make<T>(id));
    HaltedThread halted{step, [&publisher] { publisher.reset(); }};
    const bool is_halted = halted.is_halted();
    if (is_halted) scene.others_go_on();
    halted.finish();

    scene.settle();
    EXPECT_EQ(scene.of_halted(), kStaged);
    EXPECT_EQ(scene.bus().refused(), scene.refused());
    scene.expect_all_retained();
    return is_halted;
  });
}

}  // namespace
}  // namespace ron::test
