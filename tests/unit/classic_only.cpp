// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ronbus/builder.hpp>
#include <ronbus/flavor/features.hpp>

namespace ron::test {
namespace {

using testing::HasSubstr;

static_assert(!flavor::kHasBatched && !flavor::kHasEdge);

Environment with_mode(std::string_view mode) {
  return [mode](std::string_view name) -> std::optional<std::string> {
    if (name == "RON_BUS_MODE") return std::string{mode};
    return std::nullopt;
  };
}
std::optional<std::string> nothing(std::string_view /*name*/) { return std::nullopt; }

TEST(ClassicOnly, is_what_there_always_is) {
  const auto bus =
      BusBuilder{}.environment(nothing).mode(BusMode::Classic).build<std::uint64_t>().value();
  auto subscriber = bus.subscribe();
  auto publisher = bus.publisher().value();
  EXPECT_EQ(publisher.publish(7), 1U);
  EXPECT_EQ(publisher.staged(), 0U);
  EXPECT_EQ(publisher.flush(), 0U);
  EXPECT_EQ(subscriber.try_recv(), 7U);
}

TEST(ClassicOnly, a_mode_that_was_left_out_is_an_error_that_names_the_option) {
  const auto refused = [](BusMode mode) {
    const auto config = BusBuilder{}.environment(nothing).mode(mode).config();
    return config ? BuildError{} : config.error();
  };
  for (const BusMode mode : {BusMode::Batched, BusMode::Edge, BusMode::EdgeBatched}) {
    EXPECT_EQ(refused(mode).knob, "mode");
    EXPECT_EQ(refused(mode).value, to_string(mode));
    EXPECT_EQ(refused(mode).source, "builder");
  }
  EXPECT_THAT(refused(BusMode::Batched).allowed, HasSubstr("RONBUS_FLAVOR_BATCHED=OFF"));
  EXPECT_THAT(refused(BusMode::EdgeBatched).allowed, HasSubstr("RONBUS_FLAVOR_BATCHED=OFF"));
  EXPECT_THAT(refused(BusMode::Edge).allowed, HasSubstr("RONBUS_FLAVOR_EDGE=OFF"));
}

TEST(ClassicOnly, a_mode_that_was_left_out_may_stand_in_the_environment_if_it_is_not_used) {
  const auto from_environment = BusBuilder{}.environment(with_mode("batched")).config();
  ASSERT_FALSE(from_environment.has_value());
  EXPECT_EQ(from_environment.error().knob, "RON_BUS_MODE");
  EXPECT_EQ(from_environment.error().value, "batched");
  EXPECT_EQ(from_environment.error().source, "environment");
  EXPECT_THAT(from_environment.error().message(), HasSubstr("RONBUS_FLAVOR_BATCHED"));
  EXPECT_TRUE(
      BusBuilder{}.environment(with_mode("batched")).mode(BusMode::Classic).config().has_value());
}

}  // namespace
}  // namespace ron::test
