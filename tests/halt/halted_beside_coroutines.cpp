// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Suspended coroutines are woken, once and by their executor, wherever a thread is halted that
// wakes them, that suspends, or that goes on.
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include <ronbus/coroutine.hpp>

#include "coroutines.hpp"
#include "scene.hpp"

namespace ron::test {
namespace {

/// A coroutine that receives, with a queue of its own.
class Receiver {
 public:
  explicit Receiver(const Bus<Id>& bus)
      : rx_{std::in_place, bus.subscribe(), Queue::executor(queue_)} {}

  void start(std::stop_token stop = {}) { task_.emplace(receive(std::move(stop))); }
  void destroy() { task_.reset(); }
  void destroy_subscriber() { rx_.reset(); }
  /// Runs its Wakeups.
  std::size_t run() { return queue_->run(); }

  [[nodiscard]] bool is_done() const { return task_->is_done(); }
  /// The messages it got, in order.
  [[nodiscard]] const std::vector<Id>& ids() const { return ids_; }
  [[nodiscard]] std::uint64_t received() const { return rx_->received(); }
  [[nodiscard]] const std::shared_ptr<Queue>& queue() const { return queue_; }

 private:
  Task receive(std::stop_token stop) {
    while (auto message = co_await rx_->next(stop)) ids_.push_back(*message);
  }

  std::shared_ptr<Queue> queue_ = Queue::make();
  std::optional<AsyncSubscriber<Id>> rx_;
  std::vector<Id> ids_;
  std::optional<Task> task_;
};

template <class Setup>
class BesideCoroutines : public Halting<Setup> {};

using Paired = testing::Types<Setup<Id, false, FencePolicy::Membarrier>,
                              Setup<Id, false, FencePolicy::Portable>>;
TYPED_TEST_SUITE(BesideCoroutines, Paired, SetupName);

TYPED_TEST(BesideCoroutines, a_halted_publisher_keeps_nobody_from_being_woken_by_another) {
  this->at_every_step([](std::size_t step) {
    const auto bus = new_bus<TypeParam>();
    auto publisher = *bus.publisher();
    auto other = *bus.publisher();
    Receiver receiver{bus};
    receiver.start();
    HaltedThread halted{step, [&publisher] { publisher.publish(1); }};
    const bool is_halted = halted.is_halted();
    other.publish(2);
    receiver.run();
    EXPECT_GE(receiver.ids().size(), 1U);
    EXPECT_EQ(receiver.ids().size(), bus.published());
    halted.finish();
    receiver.run();
    EXPECT_EQ(receiver.ids().size(), 2U) << "the halted one wakes, too";
    other.publish(3);
    EXPECT_EQ(receiver.run(), 1U) << "what it wrote late is gone";
    EXPECT_EQ(receiver.ids().size(), 3U);
    return is_halted;
  });
}

TYPED_TEST(BesideCoroutines, one_halted_while_it_suspends_goes_on_with_what_came_meanwhile) {
  for (const bool run_meanwhile : {false, true}) {
    this->at_every_step([run_meanwhile](std::size_t step) {
      const auto bus = new_bus<TypeParam>();
      auto publisher = *bus.publisher();
      Receiver receiver{bus};
      HaltedThread halted{step, [&receiver] { receiver.start(); }};
      const bool is_halted = halted.is_halted();
      publisher.publish(1);
      if (run_meanwhile) receiver.run();
      halted.finish();
      receiver.run();
      EXPECT_THAT(receiver.ids(), testing::ElementsAre(1));
      publisher.publish(2);
      receiver.run();
      EXPECT_THAT(receiver.ids(), testing::ElementsAre(1, 2));
      return is_halted;
    });
  }
}

TYPED_TEST(BesideCoroutines, one_halted_while_it_goes_on_keeps_no_other_waiting) {
  this->at_every_step([](std::size_t step) {
    const auto bus = new_bus<TypeParam>();
    auto publisher = *bus.publisher();
    Receiver first{bus};
    Receiver second{bus};
    first.start();
    second.start();
    publisher.publish(1);
    HaltedThread halted{step, [&first] { first.run(); }};
    const bool is_halted = halted.is_halted();
    second.run();
    EXPECT_THAT(second.ids(), testing::ElementsAre(1));
    publisher.publish(2);
    second.run();
    EXPECT_THAT(second.ids(), testing::ElementsAre(1, 2));
    halted.finish();
    first.run();
    EXPECT_THAT(first.ids(), testing::ElementsAre(1, 2));
    publisher.publish(3);
    first.run();
    second.run();
    EXPECT_THAT(first.ids(), testing::ElementsAre(1, 2, 3));
    EXPECT_THAT(second.ids(), testing::ElementsAre(1, 2, 3));
    return is_halted;
  });
}

TYPED_TEST(BesideCoroutines, a_stop_request_that_is_halted_loses_nothing) {
  this->at_every_step([](std::size_t step) {
    const auto bus = new_bus<TypeParam>();
    auto publisher = *bus.publisher();
    Receiver receiver{bus};
    const std::stop_source stop;
    receiver.start(stop.get_token());
    HaltedThread halted{step, [&stop] { stop.request_stop(); }};
    const bool is_halted = halted.is_halted();
    publisher.publish(1);
    // Going on waits for the end of a stop request that is under way, so it comes after.
    halted.finish();
    receiver.run();
    EXPECT_TRUE(receiver.is_done());
    EXPECT_EQ(receiver.ids().size(), receiver.received());
    return is_halted;
  });
}

TYPED_TEST(BesideCoroutines, one_halted_while_it_suspends_is_stopped_nevertheless) {
  for (const bool run_meanwhile : {false, true}) {
    this->at_every_step([run_meanwhile](std::size_t step) {
      const auto bus = new_bus<TypeParam>();
      Receiver receiver{bus};
      const std::stop_source stop;
      HaltedThread halted{step, [&] { receiver.start(stop.get_token()); }};
      const bool is_halted = halted.is_halted();
      stop.request_stop();
      if (run_meanwhile) receiver.run();
      halted.finish();
      receiver.run();
      EXPECT_TRUE(receiver.is_done());
      return is_halted;
    });
  }
}

TYPED_TEST(BesideCoroutines, who_is_destroyed_beside_a_halted_publisher_is_not_woken) {
  for (const bool with_subscriber : {false, true}) {
    this->at_every_step([with_subscriber](std::size_t step) {
      const auto bus = new_bus<TypeParam>();
      auto publisher = *bus.publisher();
      std::optional<Receiver> receiver{bus};
      const auto queue = receiver->queue();
      receiver->start();
      HaltedThread halted{step, [&publisher] { publisher.publish(1); }};
      const bool is_halted = halted.is_halted();
      if (with_subscriber) {
        receiver.reset();
        halted.finish();
        queue->run();
      } else {
        receiver->destroy();
        halted.finish();
        queue->run();
        EXPECT_TRUE(receiver->ids().empty());
        receiver->start();
        EXPECT_THAT(receiver->ids(), testing::ElementsAre(1));
      }
      receiver.reset();
      EXPECT_EQ(queue.use_count(), 1) << "the executor is gone";
      return is_halted;
    });
  }
}

TYPED_TEST(BesideCoroutines, who_loses_its_subscriber_beside_a_halted_publisher_goes_on) {
  this->at_every_step([](std::size_t step) {
    const auto bus = new_bus<TypeParam>();
    auto publisher = *bus.publisher();
    Receiver receiver{bus};
    receiver.start();
    HaltedThread halted{step, [&publisher] { publisher.publish(1); }};
    const bool is_halted = halted.is_halted();
    receiver.destroy_subscriber();
    receiver.run();
    EXPECT_TRUE(receiver.is_done());
    EXPECT_TRUE(receiver.ids().empty());
    halted.finish();
    receiver.run();
    return is_halted;
  });
}

}  // namespace
}  // namespace ron::test
