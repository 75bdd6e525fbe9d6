// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/error.hpp"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace ron {
namespace {

TEST(Errors, each_has_a_name_of_its_own) {
  const std::set<std::string_view> of_receives{
      to_string(RecvError::Empty),   to_string(RecvError::Lagged),
      to_string(RecvError::Closed),  to_string(RecvError::Timeout),
      to_string(RecvError::Stopped), to_string(RecvError::Disconnected)};
  EXPECT_EQ(of_receives.size(), 6U);
  const std::set<std::string_view> of_publishes{
      to_string(PublishError::Closed),  to_string(PublishError::Full),
      to_string(PublishError::Timeout), to_string(PublishError::Stopped),
      to_string(PublishError::Busy),    to_string(PublishError::OutOfMemory)};
  EXPECT_EQ(of_publishes.size(), 6U);
  const std::set<std::string_view> of_waits{
      to_string(WaitError::Closed), to_string(WaitError::Timeout), to_string(WaitError::Stopped)};
  EXPECT_EQ(of_waits.size(), 3U);
  for (const auto& names : {of_receives, of_publishes, of_waits}) {
    EXPECT_EQ(names.count("unknown"), 0U);
  }
}

TEST(Errors, tell_people_what_happened) {
  EXPECT_EQ(RecvError{RecvError::Closed}.message(), "closed");
  EXPECT_EQ(RecvError::lagged(7).message(), "lagged (missed 7)");
  const SubscribeError old{.kind = SubscribeError::TooOld, .asked = 3, .oldest = 5, .next = 9};
  EXPECT_EQ(old.message(), "sequence 3 is overwritten; the oldest is 5");
  const SubscribeError fresh{.kind = SubscribeError::TooNew, .asked = 12, .oldest = 5, .next = 9};
  EXPECT_EQ(fresh.message(), "sequence 12 is beyond the next message, 9");
}

}  // namespace
}  // namespace ron
