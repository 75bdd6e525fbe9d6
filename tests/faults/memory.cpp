// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Memory that runs out at every point: whatever allocates is tried with its first allocation
// failing, then with its second, and so on until it makes no more. It answers with an error or
// throws std::bad_alloc; the bus goes on, every message is accounted for, and nothing is left when
// all is over.
#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <ronbus/coroutine.hpp>
#include <ronbus/ronbus.hpp>

#include "any_bus.hpp"
#include "coroutines.hpp"
#include "failing_new.hpp"
#include "faulty.hpp"

namespace ron::test {
namespace {

using Which = FailingNew::Which;

/// Runs `scene(attempt)` with every allocation of `attempt` failing in its turn; `attempt` tells
/// whether the step went through. Returns how many allocations there are.
template <class Scene>
unsigned at_every_allocation(Which which, const Scene& scene) {
  for (unsigned nth = 0;; ++nth) {
    SCOPED_TRACE("allocation " + std::to_string(nth));
    const std::ptrdiff_t before = FailingNew::live();
    bool went_through = false;
    scene([&](const auto& step) {
      const FailingNew failing{nth, which};
      bool threw = false;
      try {
        step();
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      went_through = !FailingNew::has_failed();
      EXPECT_FALSE(threw && went_through) << "std::bad_alloc with memory there";
      return !threw;
    });
    EXPECT_EQ(FailingNew::live(), before) << "something is left";
    if (went_through || testing::Test::HasFailure()) return nth;
  }
}

using MemorySetup = std::tuple<Storage, BusMode, Which>;

class MemoryFails : public testing::TestWithParam<MemorySetup> {
 protected:
  /// A bus with a publisher and a witness.
  struct Scene {
    explicit Scene(const MemorySetup& setup)
        : bus{make_bus({.storage = std::get<0>(setup),
                        .capacity = 8,
                        .mode = std::get<1>(setup),
                        .flush_threshold = 3})},
          witness{bus->subscribe(false)},
          publisher{std::move(bus->publisher().value())} {}

    void publish(std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) {
        publisher->publish(bus->published() + publisher->staged());
      }
      publisher->flush();
    }
    /// Message n says n, and what is published is what the witness receives.
    void settle() {
      publisher->flush();
      publish(1);
      Id next = witness->next_sequence();
      for (const Got& got : witness->drain(Way::Poll)) {
        if (got.kind == Got::Lagged) {
          next += got.value;
        } else {
          EXPECT_EQ(got, message(next++));
        }
      }
      EXPECT_EQ(next, bus->published());
      EXPECT_EQ(witness->received() + witness->missed(), bus->published());
    }

    std::unique_ptr<AnyBus> bus;
    std::unique_ptr<AnySubscriber> witness;
    std::unique_ptr<AnyOutlet> publisher;
  };

  /// `step(scene)` changes no count if it does not go through, and the bus goes on.
  template <class Step>
  static void leaves_nothing(const Step& step) {
    const unsigned allocations =
        at_every_allocation(std::get<2>(GetParam()), [&](const auto& attempt) {
          Scene scene{GetParam()};
          scene.publish(5);
          const std::size_t subscribers = scene.bus->subscriber_count();
          const std::size_t publishers = scene.bus->publisher_count();
          attempt([&] { step(scene); });
          EXPECT_EQ(scene.bus->subscriber_count(), subscribers);
          EXPECT_EQ(scene.bus->publisher_count(), publishers);
          EXPECT_EQ(scene.bus->published(), 5U);
          scene.settle();
        });
    EXPECT_GT(allocations, 0U) << "nothing was tried";
  }

  /// `step(scene)` publishes up to `count` messages; those it does not, it has refused or thrown.
  template <class Step>
  static void accounts_for(std::size_t count, const Step& step) {
    at_every_allocation(std::get<2>(GetParam()), [&](const auto& attempt) {
      Scene scene{GetParam()};
      const bool returned = attempt([&] { step(scene); });
      scene.publisher->flush();
      const std::uint64_t published = scene.bus->published();
      if (returned) {
        EXPECT_EQ(published + scene.bus->refused(), count);
      } else {
        EXPECT_LE(published, count);
      }
      scene.settle();
    });
  }
};

std::vector<MemorySetup> memory_setups() {
  std::vector<MemorySetup> setups;
  for (const Storage storage : kAllStorages) {
    for (const BusMode mode : {BusMode::Classic, BusMode::Batched}) {
      for (const Which which : {Which::Only, Which::FromThere}) {
        setups.emplace_back(storage, mode, which);
      }
    }
  }
  return setups;
}
std::string title_of(const MemorySetup& setup) {
  const auto& [storage, mode, which] = setup;
  return name_of(storage) + "_" + name_of(mode) + (which == Which::Only ? "_once" : "_for_good");
}
INSTANTIATE_TEST_SUITE_P(All, MemoryFails, testing::ValuesIn(memory_setups()),
                         [](const auto& which) { return title_of(which.param); });

TEST_P(MemoryFails, while_a_bus_is_built) {
  at_every_allocation(std::get<2>(GetParam()), [&](const auto& attempt) {
    attempt([] {
      const auto bus =
          make_bus({.storage = std::get<0>(GetParam()), .mode = std::get<1>(GetParam())});
      EXPECT_NE(bus, nullptr);
    });
  });
}

TEST_P(MemoryFails, while_somebody_subscribes) {
  const std::array<Id, 20> large{};  // more than a std::function keeps inside itself
  const Wanted wanted = [large](Id id) { return id != large[3]; };
  for (const bool gating : {false, true}) {
    SubscribeOptions options;
    options.gating = gating;
    options.name = "somebody with quite a long name";
    leaves_nothing([&](Scene& scene) { static_cast<void>(scene.bus->subscribe(options, wanted)); });
    leaves_nothing([&](Scene& scene) {
      static_cast<void>(scene.bus->subscribe_at(scene.bus->published() - 1, options));
    });
  }
  leaves_nothing([](Scene& scene) { static_cast<void>(scene.witness->fork()); });
  leaves_nothing([](Scene& scene) { static_cast<void>(scene.witness->resubscribe()); });
}

TEST_P(MemoryFails, while_a_publisher_is_made) {
  at_every_allocation(std::get<2>(GetParam()), [&](const auto& attempt) {
    Scene scene{GetParam()};
    scene.publish(5);
    if (is_sole(std::get<0>(GetParam()))) scene.publisher.reset();  // there may be one
    const std::size_t publishers = scene.bus->publisher_count();
    attempt([&] {
      const auto publisher = scene.bus->publisher();
      if (!publisher) {
        EXPECT_EQ(publisher.error(), PublishError::OutOfMemory);
      }
    });
    EXPECT_EQ(scene.bus->publisher_count(), publishers);
    if (scene.publisher == nullptr) scene.publisher = scene.bus->publisher().value();
    scene.settle();
  });
}

TEST_P(MemoryFails, while_messages_are_published) {
  accounts_for(1, [](Scene& scene) { scene.publisher->publish(0); });
  accounts_for(1, [](Scene& scene) { scene.publisher->emplace(0); });
  accounts_for(
      6, [](Scene& scene) { scene.publisher->publish_many(std::vector<Id>{0, 1, 2, 3, 4, 5}); });
  accounts_for(
      7, [](Scene& scene) { scene.publisher->publish_many(std::vector<Id>{0, 1, 2, 3, 4, 5, 6}); });
  const auto tried = [](const Sent& sent, std::uint64_t published) {
    if (!sent.result) {
      EXPECT_EQ(sent.result.error(), PublishError::OutOfMemory);
      EXPECT_TRUE(sent.kept);
    }
    EXPECT_LE(published, 1U);
  };
  at_every_allocation(std::get<2>(GetParam()), [&](const auto& attempt) {
    Scene scene{GetParam()};
    attempt([&] { tried(scene.publisher->try_publish(0), scene.bus->published()); });
    scene.settle();
  });
  // The bus borrows a publisher, for which there may be no memory.
  if (is_sole(std::get<0>(GetParam()))) return;
  accounts_for(1, [](Scene& scene) { scene.bus->publish(0); });
  accounts_for(3, [](Scene& scene) { scene.bus->publish_many(std::vector<Id>{0, 1, 2}); });
}

TEST_P(MemoryFails, while_messages_are_received) {
  for (const Way way : kAllWays) {
    if (!supports(std::get<0>(GetParam()), way)) continue;
    SCOPED_TRACE(name_of(way));
    at_every_allocation(std::get<2>(GetParam()), [&](const auto& attempt) {
      Scene scene{GetParam()};
      scene.publish(5);
      std::vector<Got> got;
      got.reserve(8);
      const bool returned = attempt([&] { scene.witness->receive(way, 3, got); });
      // The cursor tells what was handed over.
      EXPECT_EQ(scene.witness->next_sequence(), scene.witness->received());
      if (returned) {
        EXPECT_EQ(scene.witness->received(), got.size());
      } else if (way != Way::Poll) {
        EXPECT_EQ(scene.witness->received(), 0U);
      }
      scene.settle();
    });
  }
  at_every_allocation(std::get<2>(GetParam()), [&](const auto& attempt) {
    Scene scene{GetParam()};
    scene.publish(5);
    std::unique_ptr<AnyHeld> held;
    attempt([&] { held = scene.witness->hold(); });
    EXPECT_EQ(scene.witness->received(), held == nullptr ? scene.witness->next_sequence() : 1U);
    scene.settle();
  });
}

TEST_P(MemoryFails, while_subscribers_are_looked_at) {
  leaves_nothing([](Scene& scene) { static_cast<void>(scene.bus->subscribers()); });
  leaves_nothing(
      [](Scene& scene) { static_cast<void>(scene.bus->drain(std::chrono::nanoseconds{0}, {})); });
}

// What is not part of AnyBus.

class MemoryFailsFor : public testing::TestWithParam<Which> {
 protected:
  template <class Step>
  static void leaves_nothing(const Step& step) {
    // With so many that there is no place for another waiter, too.
    for (const std::size_t others : {0U, 62U}) {
      const unsigned allocations = at_every_allocation(GetParam(), [&](const auto& attempt) {
        const Bus<Text> bus = faulty_bus<Text>();
        auto first = bus.subscribe();
        auto second = bus.subscribe();
        std::vector<Subscriber<Text>> crowd;
        while (crowd.size() < others) crowd.push_back(bus.subscribe());
        attempt([&] { step(bus, first, second); });
        EXPECT_EQ(bus.subscriber_count(), 2 + others);
        EXPECT_EQ(bus.emplace(0U), 2 + others);
        EXPECT_EQ(ids_of(first), std::vector<Id>{0});
        EXPECT_EQ(ids_of(second), std::vector<Id>{0});
      });
      EXPECT_GT(allocations, 0U) << "nothing was tried";
    }
  }
};
INSTANTIATE_TEST_SUITE_P(All, MemoryFailsFor, testing::Values(Which::Only, Which::FromThere),
                         [](const auto& which) {
                           return which.param == Which::Only ? "once" : "for_good";
                         });

TEST_P(MemoryFailsFor, a_selector) {
  leaves_nothing([](const Bus<Text>&, Subscriber<Text>& first, Subscriber<Text>& second) {
    Selector selector{first, second};
    static_cast<void>(selector.wait(std::chrono::nanoseconds{0}));
  });
}

TEST_P(MemoryFailsFor, a_subscriber_more_of_a_selector) {
  at_every_allocation(GetParam(), [](const auto& attempt) {
    const Bus<Text> bus = faulty_bus<Text>();
    auto first = bus.subscribe();
    auto second = bus.subscribe();
    Selector selector{first};
    const bool added = attempt([&] { selector.add(second); });
    EXPECT_EQ(selector.size(), added ? 2U : 1U);
    bus.emplace(0U);
    EXPECT_EQ(selector.wait(), 0U);
  });
}

TEST_P(MemoryFailsFor, a_descriptor) {
  const auto next_number = [] {
    const int number = ::dup(0);
    ::close(number);
    return number;
  };
  const int before = next_number();
  leaves_nothing([](const Bus<Text>&, Subscriber<Text>& first, Subscriber<Text>&) {
    const auto number = first.descriptor();
    if (!number) {
      EXPECT_EQ(number.error(), std::errc::not_enough_memory);
    }
  });
  EXPECT_EQ(next_number(), before) << "a descriptor is left";
}

TEST_P(MemoryFailsFor, a_weak_handle) {
  const unsigned allocations = at_every_allocation(GetParam(), [](const auto& attempt) {
    const Bus<Text> bus = faulty_bus<Text>();
    attempt([&] {
      const auto locked = bus.weak().lock();
      EXPECT_TRUE(locked.has_value());
    });
  });
  EXPECT_EQ(allocations, 0U) << "it needs no memory";
}

TEST_P(MemoryFailsFor, an_executor_and_a_coroutine_that_is_suspended_for_the_first_time) {
  at_every_allocation(GetParam(), [](const auto& attempt) {
    const auto bus = faulty_bus<Text>();
    const auto queue = Queue::make();
    attempt([&] { const AsyncSubscriber rx{bus.subscribe(), Queue::executor(queue)}; });
    EXPECT_EQ(bus.subscriber_count(), 0U);
  });
  const auto receive = [](AsyncSubscriber<Text>& rx, Id& count) -> Task {
    for (;;) {
      auto got = co_await rx.next();
      if (!got) co_return;
      ++count;
    }
  };
  at_every_allocation(GetParam(), [&](const auto& attempt) {
    const auto bus = faulty_bus<Text>();
    const auto queue = Queue::make();
    AsyncSubscriber<Text> rx{bus.subscribe(), Queue::executor(queue)};
    std::vector<Subscriber<Text>> crowd;  // so large that there is no place for another waiter
    while (crowd.size() < 63) crowd.push_back(bus.subscribe());
    Id received = 0;
    std::optional<Task> task;
    attempt([&] { task.emplace(receive(rx, received)); });
    if (task && task->is_done()) {
      EXPECT_THROW(task->rethrow(), std::bad_alloc);
    }
    if (!task || task->is_done()) task.emplace(receive(rx, received));
    for (Id id = 0; id < 3; ++id) {
      bus.emplace(id);
      queue->run();
    }
    EXPECT_EQ(received, 3U);
  });
}

}  // namespace
}  // namespace ron::test
