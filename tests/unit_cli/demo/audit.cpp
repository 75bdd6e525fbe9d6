// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/demo/audit.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/demo/bus_reading.hpp"
#include "cli/demo/summary.hpp"

namespace ron::cli::demo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SubscriberInfo subscriber(const std::string& name, std::uint64_t received, std::uint64_t missed,
                          std::uint64_t filtered) {
  SubscriberInfo info;
  info.name = name;
  info.received = received;
  info.missed = missed;
  info.filtered = filtered;
  return info;
}

class DemoAudit : public testing::Test {
 protected:
  DemoAudit() {
    bus_.published = 100;
    bus_.received = 140;
    bus_.missed = 30;
    bus_.filtered = 30;
    bus_.subscribers = {subscriber("a", 70, 30, 0), subscriber("b", 70, 0, 30)};
    accounts_.published = 100;
    accounts_.receivers = {{.name = "a", .kind = "fast", .received = 70, .missed = 30},
                           {.name = "b", .kind = "filtering", .received = 70}};
  }

  std::vector<std::string> faults() { return faults_of(accounts_, bus_); }

  BusSnapshot bus_;
  Accounts accounts_;
};

TEST_F(DemoAudit, finds_nothing_where_everything_adds_up) { EXPECT_THAT(faults(), IsEmpty()); }

TEST_F(DemoAudit, finds_one_message_too_many_or_too_few_anywhere) {
  const BusSnapshot bus = bus_;
  const Accounts accounts = accounts_;
  const auto after = [&](auto change) {
    bus_ = bus;
    accounts_ = accounts;
    change();
    return faults();
  };
  EXPECT_THAT(
      after([&] { bus_.received += 1; }),
      ElementsAre(HasSubstr("received 141 + missed 30 + filtered 30 is not published 100 x 2")));
  EXPECT_THAT(after([&] { bus_.refused = 1; }), ElementsAre(HasSubstr("and 1 refused")));
  EXPECT_THAT(after([&] { bus_.unheard = 1; }), ElementsAre(HasSubstr("published to nobody")));
  EXPECT_THAT(after([&] { accounts_.published = 99; }),
              ElementsAre(HasSubstr("published 99 messages; the bus says 100")));
  EXPECT_THAT(after([&] { accounts_.receivers[0].missed -= 1; }),
              ElementsAre(HasSubstr("a counted 70 received, 29 missed; the bus says 70 and 30")));
  EXPECT_THAT(after([&] { bus_.subscribers[1].filtered += 1; }),
              ElementsAre(HasSubstr("b: received 70 + filtered 31")));
  EXPECT_THAT(after([&] { bus_.subscribers[1].behind = 1; }), ElementsAre(HasSubstr("1 behind")));
  EXPECT_THAT(after([&] { bus_.subscribers.pop_back(); }),
              ElementsAre(HasSubstr("the bus does not know b")));
}

TEST_F(DemoAudit, a_summary_tells_what_failed_and_only_then_not_that_all_is_well) {
  Summary summary{.parameters = {},
                  .accounts = accounts_,
                  .bus = bus_,
                  .seconds = 2,
                  .signal = {},
                  .failures = {}};
  EXPECT_THAT(to_text(summary), HasSubstr("100 x 2 = 140 received + 30 missed + 30 filtered\n"));
  summary.failures = {"one", "two"};
  const std::string text = to_text(summary);
  EXPECT_THAT(text, HasSubstr("FAILED: one\nFAILED: two\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("accounted for")));
  EXPECT_THAT(to_json(summary), HasSubstr(R"("failures":["one","two"])"));
}

TEST(DemoReading, has_distributions_as_histograms) {
  std::vector<std::uint64_t> counts(Distribution::kBuckets);
  counts[Distribution::bucket_of(5)] = 2;
  counts[Distribution::bucket_of(100)] = 1;
  BusSnapshot bus;
  bus.publish_ns = Distribution{counts, 110};
  const watch::BusReading reading = reading_of(bus);
  EXPECT_TRUE(reading.end_to_end_ns.empty());
  const auto count_at = [&](double bound) {
    for (const watch::Bucket& bucket : reading.publish_ns) {
      if (bucket.bound == bound) return bucket.count;
    }
    return std::uint64_t{999};
  };
  EXPECT_EQ(count_at(3), 0U);
  EXPECT_EQ(count_at(7), 2U);
  EXPECT_EQ(count_at(127), 3U);
  EXPECT_EQ(reading.publish_ns.back().count, 3U);
}

}  // namespace
}  // namespace ron::cli::demo
