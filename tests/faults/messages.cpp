// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Messages whose constructors, copies, moves and destructors throw, come back to the bus or take
// long, and handlers that change who subscribes. What only throws or only publishes from a
// destructor is in conformance/payloads.cpp.
#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "faulty.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

struct ThrowingDestructor {
  ~ThrowingDestructor() noexcept(false) {}
};
static_assert(!Message<ThrowingDestructor>, "nobody could say what a bus is to do then");

// Constructors that publish by the very publisher that is about to publish them.

/// Messages below 100 publish one that says 100 more before they are made.
template <class T, class Outlet>
void echo_by(Outlet& outlet) {
  T::on_make = [&outlet](Id id) {
    if (id < 100) outlet.emplace(id + 100);
  };
}

using Kind = std::tuple<BusMode, bool>;  ///< and whether a single publisher is promised
class ConstructorThatPublishes : public testing::TestWithParam<Kind> {
 protected:
  ~ConstructorThatPublishes() override { Text::on_make = Word::on_make = nullptr; }

  /// `publish(publisher)` publishes 0, 1, ... `count` - 1, and as many echoes. Each must be
  /// received once, in order, the echo before what it echoes where `echoes_first`.
  template <class T, class Publish>
  static void each_is_received_once(Id count, bool echoes_first, const Publish& publish) {
    const auto [mode, sole] = GetParam();
    const auto bus = faulty_bus<T>(64, mode, sole);
    auto rx = bus.subscribe();
    auto publisher = bus.publisher().value();
    echo_by<T>(publisher);
    publish(publisher);
    T::on_make = nullptr;
    publisher.flush();
    EXPECT_EQ(bus.refused(), 0U);
    std::vector<Id> ids = ids_of(rx);
    std::vector<Id> originals;
    std::vector<Id> echoes;
    for (const Id id : ids) (id < 100 ? originals : echoes).push_back(id);
    std::vector<Id> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), Id{0});
    EXPECT_EQ(originals, all);
    for (Id& id : all) id += 100;
    EXPECT_EQ(echoes, all);
    if (echoes_first) {
      for (std::size_t i = 0; i < ids.size(); i += 2) EXPECT_EQ(ids[i], ids[i + 1] + 100);
    }
  }
  template <class Publish>
  static void of_both_types(Id count, bool echoes_first, const Publish& publish) {
    {
      SCOPED_TRACE("Text");
      each_is_received_once<Text>(count, echoes_first, publish);
    }
    SCOPED_TRACE("Word");
    each_is_received_once<Word>(count, echoes_first, publish);
  }
};
INSTANTIATE_TEST_SUITE_P(
    All, ConstructorThatPublishes,
    testing::Combine(testing::Values(BusMode::Classic, BusMode::Batched), testing::Bool()),
    [](const auto& kind) {
      return std::string{std::get<0>(kind.param) == BusMode::Classic ? "Classic" : "Batched"} +
             (std::get<1>(kind.param) ? "Sole" : "Shared");
    });

TEST_P(ConstructorThatPublishes, loses_nothing_by_emplace) {
  of_both_types(20, true, [](auto& publisher) {
    for (Id id = 0; id < 20; ++id) publisher.emplace(id);
  });
}

TEST_P(ConstructorThatPublishes, loses_nothing_by_try_publish) {
  of_both_types(20, true, []<class T>(Publisher<T>& publisher) {
    for (Id id = 0; id < 20; ++id) EXPECT_TRUE(publisher.try_publish(T{id}));
  });
}

TEST_P(ConstructorThatPublishes, loses_nothing_by_a_batch) {
  const auto ids = std::views::iota(Id{0}, Id{20});
  of_both_types(20, false, [&](auto& publisher) { publisher.publish_many(ids); });
  of_both_types(20, false,
                [&](auto& publisher) { EXPECT_EQ(publisher.try_publish_many(ids), 20U); });
}

TEST_P(ConstructorThatPublishes, is_refused_with_what_it_publishes_when_it_finds_the_bus_closed) {
  const auto test = []<class T>(std::type_identity<T>) {
    const auto bus = faulty_bus<T>(8, std::get<0>(GetParam()), std::get<1>(GetParam()));
    auto publisher = bus.publisher().value();
    const auto close_and_echo = [&](Id id) {
      if (id >= 100) return;
      bus.close();
      EXPECT_EQ(publisher.emplace(id + 100), 0U);
    };
    T::on_make = close_and_echo;
    EXPECT_EQ(publisher.emplace(1U), 0U);
    publisher.flush();
    T::on_make = nullptr;
    EXPECT_EQ(bus.published(), 0U);
    EXPECT_EQ(bus.refused(), 2U);
  };
  test(std::type_identity<Text>{});
  test(std::type_identity<Word>{});
}

// Messages that throw.

TEST(MoveThatThrows, reaches_the_publisher_and_publishes_nothing) {
  const auto bus = faulty_bus<Text>();
  auto rx = bus.subscribe({.gating = true});
  auto publisher = bus.publisher().value();
  Text::on_move = [](Id) { throw std::runtime_error{"moved"}; };
  for (int i = 0; i < 3000; ++i) {
    EXPECT_THROW(publisher.publish(Text{1}), std::runtime_error);
    EXPECT_THROW((void)publisher.try_publish(Text{1}), std::runtime_error);
    std::vector<Text> batch;
    batch.reserve(1);
    batch.emplace_back(1U);
    EXPECT_THROW(publisher.publish_many(std::move(batch)), std::runtime_error);
  }
  EXPECT_EQ(publisher.emplace(7U), 1U) << "made in place";
  Text::on_move = nullptr;
  EXPECT_EQ(bus.published(), 1U);
  EXPECT_EQ(bus.refused(), 0U);
  EXPECT_EQ(ids_of(rx), std::vector<Id>{7});
}

// Destructors that do more than publish.

class DestructorThatReenters : public testing::Test {
 protected:
  ~DestructorThatReenters() override { Text::on_destroy = nullptr; }
};

TEST_F(DestructorThatReenters, may_subscribe_make_publishers_and_list_who_is_there) {
  const auto bus = faulty_bus<Text>(4);
  auto publisher = bus.publisher().value();
  std::vector<Subscriber<Text>> kept;
  int calls = 0;
  Text::on_destroy = [&](Id) {
    if (++calls > 300) return;
    kept.push_back(bus.subscribe({.from = From::oldest()}));
    if (kept.size() > 3) kept.erase(kept.begin());
    EXPECT_TRUE(bus.publisher().has_value());
    EXPECT_EQ(bus.subscribers().size(), kept.size());
  };
  for (Id id = 0; id < 5000; ++id) publisher.emplace(id);
  Text::on_destroy = nullptr;
  EXPECT_GT(calls, 300);
  EXPECT_EQ(bus.published(), 5000U);
  for (auto& rx : kept) {
    const std::uint64_t before = rx.next_sequence();
    const auto lagged = rx.try_recv();
    ASSERT_FALSE(lagged.has_value());
    EXPECT_EQ(lagged.error(), RecvError::lagged(4996 - before));
    EXPECT_EQ(ids_of(rx), (std::vector<Id>{4996, 4997, 4998, 4999}));
  }
}

TEST_F(DestructorThatReenters, may_close_the_bus_that_is_publishing) {
  const auto bus = faulty_bus<Text>(4);
  auto rx = bus.subscribe();
  auto publisher = bus.publisher().value();
  Text::on_destroy = [&](Id) { bus.close(); };
  Id accepted = 0;
  while (publisher.emplace(accepted) == 1) ++accepted;
  Text::on_destroy = nullptr;
  EXPECT_EQ(bus.published(), accepted);
  EXPECT_EQ(bus.refused(), 1U);
  EXPECT_EQ(rx.try_recv().error(), RecvError::lagged(accepted - 4));
  EXPECT_EQ(ids_of(rx), (std::vector<Id>{accepted - 4, accepted - 3, accepted - 2, accepted - 1}));
  EXPECT_EQ(rx.try_recv().error(), RecvError::Closed);
}

TEST_F(DestructorThatReenters, finds_a_bus_that_goes_with_its_last_messages_gone) {
  std::optional bus{faulty_bus<Text>(4)};
  const WeakBus<Text> weak = bus->weak();
  bus->emplace(1U);
  int calls = 0;
  Text::on_destroy = [&](Id) {
    ++calls;
    EXPECT_FALSE(weak.lock().has_value());
    EXPECT_TRUE(weak.expired());
  };
  bus.reset();
  EXPECT_EQ(calls, 1);
}

// Handlers.

TEST(Handler, may_change_who_subscribes) {
  const auto bus = faulty_bus<Text>();
  auto rx = bus.subscribe();
  std::optional other{bus.subscribe({.gating = true})};
  std::optional<Subscriber<Text>> late;
  for (Id id = 0; id < 3; ++id) bus.emplace(id);
  EXPECT_EQ(rx.poll(
                [&](const Text& message) {
                  if (message.id == 0) late.emplace(bus.subscribe({.from = From::oldest()}));
                  if (message.id == 1) other.reset();
                  if (message.id == 2) late->fork().try_recv().value();
                },
                3),
            3U);
  EXPECT_EQ(bus.subscriber_count(), 2U);
  EXPECT_EQ(ids_of(*late), (std::vector<Id>{0, 1, 2}));
}

TEST(Handler, may_close_the_bus_and_let_its_last_handle_go) {
  std::optional bus{faulty_bus<Text>()};
  auto rx = bus->subscribe();
  for (Id id = 0; id < 3; ++id) bus->emplace(id);
  std::vector<Id> seen;
  EXPECT_TRUE(rx.try_visit([&](const Text& message) {
    bus->close();
    bus.reset();
    seen.push_back(message.id);
  }));
  EXPECT_EQ(seen, std::vector<Id>{0});
  EXPECT_EQ(ids_of(rx), (std::vector<Id>{1, 2}));
  EXPECT_EQ(rx.try_recv().error(), RecvError::Closed);
}

TEST(Predicate, may_publish_and_subscribe) {
  const auto bus = faulty_bus<Text>();
  std::optional<Subscriber<Text>> late;
  auto rx = bus.subscribe({}, [&](const Text& message) {
    if (message.id == 0) {
      late.emplace(bus.subscribe());
      bus.emplace(10U);
    }
    return message.id % 2 == 0;
  });
  for (Id id = 0; id < 3; ++id) bus.emplace(id);
  EXPECT_EQ(ids_of(rx), (std::vector<Id>{0, 2, 10}));
  EXPECT_EQ(rx.filtered(), 1U);
  EXPECT_EQ(ids_of(*late), std::vector<Id>{10});
}

// What takes long holds up nobody else.

class Slow : public testing::Test {
 protected:
  ~Slow() override { Text::on_make = Text::on_copy = Text::on_destroy = nullptr; }
  /// A hook that message `which` does not leave before it is let go.
  Text::Hook stops(Id which) {
    return [this, which](Id id) {
      if (id != which || inside_) return;
      inside_ = true;
      inside_.notify_all();
      leave_.wait(false);
    };
  }
  void wait_until_inside() { inside_.wait(false); }
  void let_go() {
    leave_ = true;
    leave_.notify_all();
  }

  std::atomic<bool> inside_{false};
  std::atomic<bool> leave_{false};
  const Bus<Text> bus_ = faulty_bus<Text>();
};

TEST_F(Slow, constructors_hold_up_no_other_publisher_nor_subscriber) {
  auto rx = bus_.subscribe();
  Text::on_make = stops(99);
  Thread slow{[&] { bus_.emplace(99U); }};
  wait_until_inside();
  for (Id id = 0; id < 20; ++id) {
    EXPECT_EQ(bus_.emplace(id), 1U);
    EXPECT_EQ(rx.recv()->id, id);
  }
  let_go();
  EXPECT_EQ(rx.recv()->id, 99U);
}

TEST_F(Slow, constructors_hold_up_no_close_and_are_refused_after_it) {
  auto rx = bus_.subscribe();
  Text::on_make = stops(99);
  std::size_t covered = 1;
  Thread slow{[&] { covered = bus_.emplace(99U); }};
  wait_until_inside();
  bus_.close();
  EXPECT_EQ(rx.recv().error(), RecvError::Closed);
  let_go();
  slow.join();
  EXPECT_EQ(covered, 0U);
  EXPECT_EQ(bus_.refused(), 1U);
}

TEST_F(Slow, copies_hold_up_nobody_and_are_of_one_message) {
  auto slow_rx = bus_.subscribe();
  auto rx = bus_.subscribe();
  bus_.emplace(99U);
  Text::on_copy = stops(99);
  Thread slow{[&] { EXPECT_EQ(slow_rx.recv()->id, 99U); }};
  wait_until_inside();
  EXPECT_EQ(rx.recv()->id, 99U);
  for (Id id = 0; id < 5000; ++id) {
    EXPECT_EQ(bus_.emplace(id), 2U);
    EXPECT_EQ(rx.recv()->id, id);
  }
  let_go();
  slow.join();
  EXPECT_EQ(slow_rx.recv().error(), RecvError::lagged(5000 - bus_.capacity()));
}

TEST_F(Slow, destructors_hold_up_who_overwrote_and_nobody_else) {
  auto rx = bus_.subscribe();
  Text::on_destroy = stops(0);
  Thread slow{[&] {
    auto publisher = bus_.publisher().value();
    for (Id id = 0; !inside_; ++id) publisher.emplace(id);
  }};
  wait_until_inside();
  EXPECT_FALSE(rx.try_recv().has_value());
  ids_of(rx);
  for (Id id = 0; id < 5000; ++id) {
    EXPECT_EQ(bus_.emplace(id), 1U);
    EXPECT_EQ(rx.recv()->id, id);
  }
  let_go();
}

}  // namespace
}  // namespace ron::test
