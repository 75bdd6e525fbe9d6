// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/soak/ledger.hpp"

#include <cstdint>
#include <initializer_list>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::soak {
namespace {

using Order = Ledger::Order;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SoakLedger, counts_what_is_received_and_missed) {
  Ledger ledger{2, Order::Rising};
  ledger.take(stamp_of(0, 1));
  ledger.miss(3);
  ledger.take(stamp_of(0, 4));
  ledger.take(stamp_of(1, 1));
  ledger.miss(2);
  EXPECT_EQ(ledger.received(), 3U);
  EXPECT_EQ(ledger.missed(), 5U);
  EXPECT_EQ(ledger.lags(), 2U);
  EXPECT_THAT(ledger.fault(), IsEmpty());
}

TEST(SoakLedger, a_number_that_does_not_rise_is_a_fault) {
  for (const std::uint64_t number : {5U, 4U, 0U}) {
    Ledger ledger{1, Order::Rising};
    ledger.take(stamp_of(0, 5));
    ledger.take(stamp_of(0, number));
    EXPECT_THAT(ledger.fault(), HasSubstr("of publisher 0 after its message 5")) << number;
    EXPECT_EQ(ledger.received(), 2U);
  }
}

TEST(SoakLedger, a_gap_is_a_fault_only_where_nothing_may_be_missed) {
  const auto fault_of = [](Order order, std::uint64_t first, std::uint64_t second) {
    Ledger ledger{1, order};
    ledger.take(stamp_of(0, first));
    ledger.take(stamp_of(0, second));
    return ledger.fault();
  };
  EXPECT_THAT(fault_of(Order::Rising, 2, 4), IsEmpty());
  EXPECT_THAT(fault_of(Order::Gapless, 1, 2), IsEmpty());
  EXPECT_THAT(fault_of(Order::Gapless, 1, 3), HasSubstr("message 3 of publisher 0"));
  EXPECT_THAT(fault_of(Order::Gapless, 2, 3), HasSubstr("message 2 of publisher 0"));
  EXPECT_THAT(fault_of(Order::GaplessFromAny, 7, 8), IsEmpty());
  EXPECT_THAT(fault_of(Order::GaplessFromAny, 7, 9), HasSubstr("message 9 of publisher 0"));
}

TEST(SoakLedger, unknown_publishers_and_garbled_contents_are_faults) {
  Ledger unknown{2, Order::Rising};
  unknown.take(stamp_of(2, 1));
  EXPECT_THAT(unknown.fault(), HasSubstr("which nobody published"));
  Ledger garbled{2, Order::Rising};
  garbled.take(kGarbled);
  EXPECT_THAT(garbled.fault(), HasSubstr("content"));
}

TEST(SoakLedger, the_digest_tells_orders_apart_and_starts_anew_each_round) {
  const auto digest_of = [](std::initializer_list<Stamp> stamps) {
    Ledger ledger{2, Order::Rising};
    for (const Stamp stamp : stamps) ledger.take(stamp);
    return ledger.digest();
  };
  const Stamp a = stamp_of(0, 1);
  const Stamp b = stamp_of(1, 1);
  EXPECT_EQ(digest_of({a, b}), digest_of({a, b}));
  EXPECT_NE(digest_of({a, b}), digest_of({b, a}));

  Ledger late{2, Order::Rising};
  late.miss(1);
  EXPECT_TRUE(late.missed_in_round());
  late.begin_round();
  EXPECT_FALSE(late.missed_in_round());
  late.take(b);
  EXPECT_EQ(late.digest(), digest_of({b}));
  EXPECT_EQ(late.missed(), 1U);
}

}  // namespace
}  // namespace ron::cli::soak
