// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/flavor/subscriptions.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::flavor {
namespace {

using namespace std::chrono_literals;
using sync::FenceKind;
using wait::WaitStatus;

/// Long enough for a wait that would never end to be told from one that does.
[[nodiscard]] wait::Deadline deadline() { return std::chrono::steady_clock::now() + 10s; }

TEST(Subscriptions, who_takes_the_place_of_one_that_left_is_not_waited_for) {
  Subscriptions subscriptions{FenceKind::SeqCst};
  const auto subscribe = [&] {
    Subscription* const record = subscriptions.claim(false, "");
    subscriptions.join(*record, [] { return kernel::Sequence{0}; });
    return record;
  };
  Subscription* record = subscribe();
  const auto replace = [&] {
    subscriptions.leave(*record);
    subscriptions.release(*record);
    Subscription* const left = record;
    record = subscribe();
    EXPECT_EQ(record, left) << "places are used again";
  };
  EXPECT_THAT(subscriptions.drain(5, replace, deadline(), {}), testing::IsEmpty());
  subscriptions.leave(*record);
  subscriptions.release(*record);
}

TEST(Progress, who_waits_looks_again_before_it_sleeps_if_it_had_to_ask_somebody_new) {
  Progress progress{FenceKind::SeqCst};
  int asked = 0;
  const auto ask = [&] { return ++asked == 2; };
  const wait::Deadline until = deadline();
  const auto done = [&] { return asked > 2 && std::chrono::steady_clock::now() < *until; };
  EXPECT_EQ(progress.wait(ask, done, std::nullopt, until, {}), WaitStatus::Ready);
}

}  // namespace
}  // namespace ron::flavor
