// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Processes that fork, start programs and end.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <ronbus/ronbus.hpp>

#include "child.hpp"
#include "faulty.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

bool is_readable(int descriptor) {
  pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, 0) == 1;
}

// Fork.

class Fork : public testing::TestWithParam<bool> {
 protected:
  const Bus<Word> words_ = faulty_bus<Word>(8, BusMode::Classic, GetParam());
  const Bus<Text> texts_ = faulty_bus<Text>();
};
INSTANTIATE_TEST_SUITE_P(All, Fork, testing::Bool(), [](const auto& sole) {
  return std::string{sole.param ? "Sole" : "Shared"};
});

TEST_P(Fork, a_child_has_a_copy_that_works_and_the_parent_sees_nothing_of_it) {
  auto rx = words_.subscribe();
  auto text_rx = texts_.subscribe();
  auto publisher = words_.publisher().value();
  const Thread sleeper{[sleeping = std::make_shared<Subscriber<Text>>(texts_.subscribe())] {
    EXPECT_EQ(sleeping->recv()->id, 7U);
    EXPECT_EQ(sleeping->recv().error(), RecvError::Closed);
  }};
  sleeper.wait_until_asleep();
  publisher.emplace(1U);
  EXPECT_EQ(in_child([&] {
              auto late = words_.subscribe({.from = From::oldest()});
              for (Id id = 2; id < 5000; ++id) publisher.emplace(id);
              EXPECT_EQ(rx.try_recv().error(), RecvError::lagged(4999 - 8));
              EXPECT_EQ(ids_of(rx).size(), 8U);
              EXPECT_EQ(late.missed() + late.lag(), 4999U);
              texts_.emplace(1U);
              EXPECT_EQ(ids_of(text_rx), std::vector<Id>{1});
              texts_.close();
              words_.close();
              EXPECT_EQ(publisher.emplace(9U), 0U);
              EXPECT_EQ(rx.recv().error(), RecvError::Closed);
              EXPECT_EQ(text_rx.recv().error(), RecvError::Closed);
            }),
            0);
  EXPECT_EQ(publisher.emplace(2U), 1U);
  EXPECT_EQ(ids_of(rx), (std::vector<Id>{1, 2}));
  texts_.emplace(7U);
  EXPECT_EQ(ids_of(text_rx), std::vector<Id>{7});
  texts_.close();
}

TEST_P(Fork, threads_of_a_child_wait_for_each_other_at_a_bus_of_its_own) {
  const Thread sleeper{[rx = std::make_shared<Subscriber<Text>>(texts_.subscribe())] {
    EXPECT_EQ(rx->recv().error(), RecvError::Closed);
  }};
  sleeper.wait_until_asleep();
  EXPECT_EQ(in_child([] {
              const auto bus = faulty_bus<Text>();
              const Thread reader{[rx = std::make_shared<Subscriber<Text>>(bus.subscribe())] {
                EXPECT_EQ(rx->recv()->id, 1U);
                EXPECT_EQ(rx->recv().error(), RecvError::Closed);
              }};
              reader.wait_until_asleep();
              bus.emplace(1U);
              bus.close();
            }),
            0);
  texts_.close();
}

TEST_P(Fork, a_close_in_the_child_wakes_its_threads_beside_sleepers_of_the_parent) {
  // More than one publish wakes.
  std::vector<std::unique_ptr<Thread>> sleepers;
  for (int i = 0; i < 6; ++i) {
    sleepers.push_back(
        std::make_unique<Thread>([rx = std::make_shared<Subscriber<Text>>(texts_.subscribe())] {
          EXPECT_EQ(rx->recv().error(), RecvError::Closed);
        }));
    sleepers.back()->wait_until_asleep();
  }
  EXPECT_EQ(in_child([&] {
              const Thread reader{[rx = std::make_shared<Subscriber<Text>>(texts_.subscribe())] {
                EXPECT_EQ(rx->recv()->id, 1U);
                EXPECT_EQ(rx->recv().error(), RecvError::Closed);
              }};
              reader.wait_until_asleep();
              texts_.emplace(1U);
              texts_.close();
            }),
            0);
  texts_.close();
}

TEST_P(Fork, a_child_that_leaves_subscribers_with_descriptors_alone_takes_nothing_from_them) {
  std::optional rx{texts_.subscribe()};
  const int number = rx->descriptor().value();
  texts_.emplace(1U);
  ASSERT_TRUE(is_readable(number));
  EXPECT_EQ(in_child([&] {
              EXPECT_TRUE(is_readable(number));
              texts_.emplace(2U);
              rx.reset();
            }),
            0);
  EXPECT_TRUE(is_readable(number));
  EXPECT_EQ(ids_of(*rx), std::vector<Id>{1});
  EXPECT_FALSE(is_readable(number));
}

TEST_P(Fork, a_program_started_by_the_child_has_nothing_of_the_bus) {
  auto rx = texts_.subscribe();
  ASSERT_TRUE(rx.descriptor().has_value());
  EXPECT_EQ(in_child([] { run_again("UnderAnyKernel.*"); }), 0);
}

// The end of a process.

/// A child that calls exit after `body`.
template <class Body>
int exits_after(const Body& body) {
  return in_child([&] {
    body();
    std::exit(testing::Test::HasFailure() ? 1 : 0);
  });
}

TEST(AtExit, handles_of_threads_and_of_the_program_go_in_any_order) {
  EXPECT_EQ(exits_after([] {
              static std::optional bus{faulty_bus<Text>()};
              thread_local std::optional publisher{bus->publisher().value()};
              thread_local std::optional rx{bus->subscribe()};
              publisher->emplace(1U);
            }),
            0);
  EXPECT_EQ(exits_after([] {
              thread_local std::optional<Publisher<Text>> publisher;
              static std::optional<Subscriber<Text>> rx;
              static std::optional<Borrowed<Text>> held;
              static std::optional bus{faulty_bus<Text>()};
              publisher.emplace(bus->publisher().value());
              rx.emplace(bus->subscribe());
              for (Id id = 0; id < 20; ++id) publisher->emplace(id);
              held.emplace(*(static_cast<void>(rx->try_recv()), rx->try_borrow()));
            }),
            0);
}

TEST(AtExit, what_a_thread_has_staged_is_published_when_the_thread_ends) {
  const auto bus = faulty_bus<Text>(8, BusMode::Batched);
  auto rx = bus.subscribe();
  std::thread{[&] {
    thread_local std::optional publisher{bus.publisher().value()};
    publisher->emplace(1U);
    publisher->emplace(2U);
    EXPECT_EQ(bus.published(), 0U);
  }}.join();
  EXPECT_EQ(ids_of(rx), (std::vector<Id>{1, 2}));
  EXPECT_EQ(bus.publisher_count(), 0U);
}

TEST(AtExit, a_thread_that_still_sleeps_is_told_that_the_bus_is_closed) {
  EXPECT_EQ(exits_after([] {
              static std::atomic<bool> told{false};
              struct WaitUntilTold {
                ~WaitUntilTold() { told.wait(false); }
              };
              static const WaitUntilTold last;
              static const Bus<Text> bus = faulty_bus<Text>();
              std::thread{[rx = std::make_shared<Subscriber<Text>>(bus.subscribe())] {
                told = rx->recv().error() == RecvError::Closed;
                told.notify_all();
              }}.detach();
            }),
            0);
}

}  // namespace
}  // namespace ron::test
