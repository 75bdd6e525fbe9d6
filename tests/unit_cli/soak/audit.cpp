// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/soak/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::soak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A quiet moment at which all is well: 3 messages of one publisher and one marker, which the first
/// subscriber received all and the second one partly.
class SoakAudit : public testing::Test {
 protected:
  SoakAudit() {
    for (const std::uint64_t number : {1U, 2U, 3U}) all_.take(stamp_of(0, number));
    some_.miss(2);
    some_.take(stamp_of(0, 3));
    moment_.published = 3;
    moment_.markers = 1;
    moment_.bus_published = 4;
    moment_.subscribers.push_back(
        {.name = "a", .gating = true, .ledger = all_, .received = 4, .missed = 0, .lag = 0});
    moment_.subscribers.push_back(
        {.name = "b", .gating = false, .ledger = some_, .received = 2, .missed = 2, .lag = 0});
  }

  Ledger all_{1, Ledger::Order::Gapless};
  Ledger some_{1, Ledger::Order::Rising};
  QuietMoment moment_;
};

TEST_F(SoakAudit, finds_nothing_where_all_is_well) { EXPECT_THAT(faults_of(moment_), IsEmpty()); }

TEST_F(SoakAudit, finds_a_message_that_is_not_accounted_for) {
  some_.miss(1);
  moment_.subscribers[1].missed = 3;
  EXPECT_THAT(faults_of(moment_),
              ElementsAre(HasSubstr("b: received 1 + missed 3 is not published 3")));
}

TEST_F(SoakAudit, finds_a_bus_that_counts_otherwise) {
  moment_.subscribers[0].received = 5;
  moment_.subscribers[1].missed = 1;
  EXPECT_THAT(faults_of(moment_), ElementsAre(HasSubstr("a: counted 4 received"),
                                              HasSubstr("b: counted 2 received, 2 missed")));
}

TEST_F(SoakAudit, finds_a_subscriber_that_is_behind) {
  moment_.subscribers[1].lag = 1;
  EXPECT_THAT(faults_of(moment_), ElementsAre(HasSubstr("b: counted")));
}

TEST_F(SoakAudit, finds_that_the_bus_counts_other_publishes) {
  moment_.bus_published = 5;
  EXPECT_THAT(faults_of(moment_), ElementsAre("published 4 messages, but the bus counts 5"));
}

TEST_F(SoakAudit, finds_refusals_by_either_count) {
  moment_.refused = 1;
  EXPECT_THAT(faults_of(moment_), ElementsAre("1 messages were refused; the bus counts 0"));
  moment_.refused = 0;
  moment_.bus_refused = 2;
  EXPECT_THAT(faults_of(moment_), ElementsAre("0 messages were refused; the bus counts 2"));
}

TEST_F(SoakAudit, finds_publishes_that_covered_too_few) {
  moment_.uncovered = 7;
  EXPECT_THAT(faults_of(moment_), ElementsAre(HasSubstr("7 messages were published to fewer")));
}

TEST_F(SoakAudit, finds_loss_where_there_must_be_none) {
  moment_.subscribers[1].gating = true;
  EXPECT_THAT(faults_of(moment_), ElementsAre("b gates, but missed 2 messages"));
}

TEST_F(SoakAudit, finds_different_orders_among_those_that_missed_nothing) {
  Ledger other{2, Ledger::Order::Rising};
  for (const std::uint64_t number : {1U, 2U}) other.take(stamp_of(0, number));
  other.take(stamp_of(1, 3));
  moment_.subscribers.push_back(
      {.name = "c", .gating = false, .ledger = other, .received = 4, .missed = 0, .lag = 0});
  EXPECT_THAT(faults_of(moment_), ElementsAre("a and c saw different orders"));
}

TEST_F(SoakAudit, tells_what_ledgers_and_visitors_found) {
  some_.take(stamp_of(0, 2));
  moment_.published = 4;
  moment_.bus_published = 5;
  moment_.subscribers[1].received = 3;
  moment_.visitor_fault = "a visitor fell over";
  EXPECT_THAT(faults_of(moment_),
              ElementsAre(HasSubstr("a: received 3"), HasSubstr("b received message 2"),
                          "a visitor fell over"));
}

}  // namespace
}  // namespace ron::cli::soak
