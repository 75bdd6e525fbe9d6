// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cstdlib>
#include <limits>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ronbus/builder.hpp>
#include <ronbus/config.hpp>

namespace ron::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Environment environment(std::map<std::string, std::string, std::less<>> variables) {
  return [map = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = map.find(name);
    if (found == map.end()) return std::nullopt;
    return found->second;
  };
}

template <class T>
void expect_setting(const Setting<T>& setting, T value, Source source) {
  EXPECT_EQ(setting.value, value);
  EXPECT_EQ(to_string(setting.source), to_string(source));
}

void expect_linger(const Setting<std::chrono::microseconds>& setting, int value, Source source) {
  EXPECT_EQ(setting.value.count(), value);
  EXPECT_EQ(to_string(setting.source), to_string(source));
}

TEST(Config, without_any_word_uses_the_fallbacks) {
  const auto config = resolve({}, environment({})).value();
  expect_setting<std::size_t>(config.requested_capacity, 256, Source::Fallback);
  EXPECT_EQ(config.capacity, 256U);
  expect_setting<std::size_t>(config.fanout, 0, Source::Fallback);
  expect_setting<std::size_t>(config.burst, 256, Source::Fallback);
  expect_setting<std::size_t>(config.tls_flush_threshold, 64, Source::Fallback);
  expect_setting(config.epoch_yield, false, Source::Fallback);
  expect_setting(config.single_publisher, false, Source::Fallback);
  expect_setting(config.mode, BusMode::Classic, Source::Fallback);
  EXPECT_EQ(config.fence.source, Source::Fallback);
  expect_linger(config.edge_linger, 100, Source::Fallback);
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST(Config, builder_comes_before_environment_before_autotune_before_fallback) {
  const auto all = environment({{"RON_BUS_MODE", "edge"},
                                {"RON_CAP", "32"},
                                {"RON_BURST", "7"},
                                {"RON_FANOUT", "9"},
                                {"RON_TLS_FLUSH_THRESHOLD", "11"},
                                {"RON_PUB_EPOCH_YIELD", "1"},
                                {"RON_EDGE_LINGER_US", "17"}});
  const auto from_environment = BusBuilder{}.environment(all).config().value();
  expect_setting(from_environment.mode, BusMode::Edge, Source::Environment);
  expect_setting<std::size_t>(from_environment.requested_capacity, 32, Source::Environment);
  expect_setting<std::size_t>(from_environment.burst, 7, Source::Environment);
  expect_setting<std::size_t>(from_environment.fanout, 9, Source::Environment);
  expect_setting<std::size_t>(from_environment.tls_flush_threshold, 11, Source::Environment);
  expect_setting(from_environment.epoch_yield, true, Source::Environment);
  expect_linger(from_environment.edge_linger, 17, Source::Environment);

  const auto from_builder = BusBuilder{}
                                .environment(all)
                                .mode(BusMode::Batched)
                                .cap(16)
                                .burst(3)
                                .fanout_hint(5)
                                .tls_flush_threshold(6)
                                .epoch_yield(false)
                                .edge_linger(std::chrono::microseconds{21})
                                .single_publisher()
                                .fence(FencePolicy::Portable)
                                .config()
                                .value();
  expect_setting<std::size_t>(from_builder.requested_capacity, 16, Source::Builder);
  expect_setting<std::size_t>(from_builder.burst, 3, Source::Builder);
  expect_setting<std::size_t>(from_builder.fanout, 5, Source::Builder);
  expect_setting<std::size_t>(from_builder.tls_flush_threshold, 6, Source::Builder);
  expect_setting(from_builder.epoch_yield, false, Source::Builder);
  expect_linger(from_builder.edge_linger, 21, Source::Builder);
  expect_setting(from_builder.single_publisher, true, Source::Builder);
  expect_setting(from_builder.mode, BusMode::Batched, Source::Builder);
  expect_setting(from_builder.fence, sync::FenceKind::SeqCst, Source::Builder);

  const auto autotuned = BusBuilder{}.environment(environment({})).autotune(5).config().value();
  expect_setting<std::size_t>(autotuned.requested_capacity, 128, Source::Autotune);
  const auto from_fanout = resolve({}, environment({{"RON_FANOUT", "2"}})).value();
  expect_setting<std::size_t>(from_fanout.requested_capacity, 64, Source::Autotune);
  const auto overruled = BusBuilder{}.environment(all).autotune(1).config().value();
  expect_setting<std::size_t>(overruled.requested_capacity, 32, Source::Environment);
}

TEST(Config, autotune_chooses_by_the_expected_subscribers) {
  const std::map<std::size_t, std::size_t> expected{{1, 64},   {4, 64},   {5, 128},
                                                    {16, 128}, {17, 256}, {65536, 256}};
  for (const auto& [subscribers, capacity] : expected) {
    EXPECT_EQ(autotune_capacity(subscribers), capacity);
    EXPECT_EQ(BusBuilder{}.environment(environment({})).autotune(subscribers).config()->capacity,
              capacity);
  }
}

class BadValue : public testing::TestWithParam<std::pair<const char*, const char*>> {};

INSTANTIATE_TEST_SUITE_P(
    All, BadValue,
    testing::Values(
        std::pair{"RON_CAP", "banana"}, std::pair{"RON_CAP", "-3"}, std::pair{"RON_CAP", "1e9"},
        std::pair{"RON_CAP", ""}, std::pair{"RON_CAP", "99999999999999999999999999"},
        std::pair{"RON_CAP", "4294967297"}, std::pair{"RON_CAP", " 64"},
        std::pair{"RON_CAP", "64 "}, std::pair{"RON_CAP", "+64"}, std::pair{"RON_CAP", "0x40"},
        std::pair{"RON_CAP", "64.0"}, std::pair{"RON_BURST", "0"},
        std::pair{"RON_BURST", "1048577"}, std::pair{"RON_FANOUT", "0"},
        std::pair{"RON_FANOUT", "65537"}, std::pair{"RON_TLS_FLUSH_THRESHOLD", "0"},
        std::pair{"RON_TLS_FLUSH_THRESHOLD", "4097"}, std::pair{"RON_PUB_EPOCH_YIELD", "2"},
        std::pair{"RON_EDGE_LINGER_US", "1000001"}, std::pair{"RON_EDGE_LINGER_US", "5us"},
        std::pair{"RON_PUB_EPOCH_YIELD", "true"}, std::pair{"RON_PUB_EPOCH_YIELD", ""}));

TEST_P(BadValue, in_the_environment_is_an_error_that_names_it) {
  const auto& [variable, value] = GetParam();
  const auto config = resolve({}, environment({{variable, value}}));
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().knob, variable);
  EXPECT_EQ(config.error().value, value);
  EXPECT_EQ(config.error().source, "environment");
  EXPECT_THAT(config.error().allowed, HasSubstr(" to "));
  EXPECT_THAT(config.error().message(),
              AllOf(HasSubstr(variable), HasSubstr(*value == '\0' ? "(empty)" : value),
                    HasSubstr("environment"), HasSubstr(config.error().allowed)));
  EXPECT_FALSE(BusBuilder{}.environment(environment({{variable, value}})).build<int>());
}

TEST_P(BadValue, is_an_error_even_where_the_builder_overrides_it) {
  const auto& [variable, value] = GetParam();
  EXPECT_FALSE(BusBuilder{}
                   .environment(environment({{variable, value}}))
                   .cap(64)
                   .burst(1)
                   .fanout_hint(1)
                   .tls_flush_threshold(1)
                   .epoch_yield()
                   .config());
}

TEST(Config, bad_values_of_the_builder_are_errors_that_name_the_knob) {
  const auto knob_of = [](BusBuilder builder) {
    const auto config = builder.environment(environment({})).config();
    if (config) return std::string{"none"};
    EXPECT_EQ(config.error().source, "builder");
    return config.error().knob + "=" + config.error().value;
  };
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(knob_of(BusBuilder{}.cap(kMost)), "cap=" + std::to_string(kMost));
  EXPECT_EQ(knob_of(BusBuilder{}.burst(0)), "burst=0");
  EXPECT_EQ(knob_of(BusBuilder{}.burst(1048577)), "burst=1048577");
  EXPECT_EQ(knob_of(BusBuilder{}.fanout_hint(65537)), "fanout_hint=65537");
  EXPECT_EQ(knob_of(BusBuilder{}.autotune(0)), "fanout_hint=0");
  EXPECT_EQ(knob_of(BusBuilder{}.tls_flush_threshold(0)), "tls_flush_threshold=0");
  EXPECT_EQ(knob_of(BusBuilder{}.tls_flush_threshold(4097)), "tls_flush_threshold=4097");
  EXPECT_EQ(knob_of(BusBuilder{}.edge_linger(std::chrono::seconds{2})), "edge_linger=2000000");
  // Of a size of 32 bits, what is left of it would do.
  EXPECT_NE(knob_of(BusBuilder{}.edge_linger(std::chrono::microseconds{1LL << 32})), "none");
  EXPECT_EQ(knob_of(BusBuilder{}.cap(70000).burst(1048576).fanout_hint(65536)), "none");
}

TEST(Config, capacities_that_are_rounded_or_clamped_are_noted) {
  const auto with_cap = [](const char* capacity) {
    return resolve({}, environment({{"RON_CAP", capacity}})).value();
  };
  EXPECT_EQ(with_cap("0").capacity, 2U);
  EXPECT_THAT(with_cap("0").warnings,
              ElementsAre("capacity 0 is outside [2, 65536] and was set to 2"));
  EXPECT_THAT(with_cap("1").warnings, ElementsAre(HasSubstr("outside [2, 65536]")));
  EXPECT_THAT(with_cap("2").warnings, IsEmpty());
  EXPECT_THAT(with_cap("100").warnings,
              ElementsAre("capacity 100 was rounded up to the power of two 128"));
  EXPECT_THAT(with_cap("256").warnings, IsEmpty());
  EXPECT_EQ(with_cap("70000").capacity, 65536U);
  EXPECT_EQ(with_cap("70000").requested_capacity.value, 70000U);
  EXPECT_THAT(with_cap("70000").warnings,
              ElementsAre(HasSubstr("capacity 70000 is outside [2, 65536] and was set to 65536"),
                          HasSubstr("above 256")));
}

TEST(Config, a_capacity_above_256_is_warned_about_unless_the_program_chose_it) {
  EXPECT_THAT(resolve({}, environment({{"RON_CAP", "512"}}))->warnings,
              ElementsAre(HasSubstr("capacity 512 is above 256")));
  EXPECT_THAT(BusBuilder{}.environment(environment({})).cap(512).config()->warnings, IsEmpty());
}

TEST(Config, a_capacity_below_a_burst_that_was_told_is_warned_about) {
  EXPECT_THAT(BusBuilder{}.environment(environment({})).cap(64).config()->warnings, IsEmpty());
  EXPECT_THAT(BusBuilder{}.environment(environment({})).cap(64).burst(64).config()->warnings,
              IsEmpty());
  EXPECT_THAT(BusBuilder{}.environment(environment({})).cap(64).burst(65).config()->warnings,
              ElementsAre(HasSubstr("capacity 64 is below the burst of 65")));
  EXPECT_THAT(resolve({}, environment({{"RON_CAP", "64"}, {"RON_BURST", "100"}}))->warnings,
              ElementsAre(HasSubstr("capacity 64 is below the burst of 100")));
}

TEST(Config, every_mode_has_a_name_by_which_the_environment_chooses_it) {
  const std::map<std::string, BusMode> names{{"classic", BusMode::Classic},
                                             {"batched", BusMode::Batched},
                                             {"edge", BusMode::Edge},
                                             {"edge-batched", BusMode::EdgeBatched}};
  for (const auto& [name, mode] : names) {
    EXPECT_EQ(to_string(mode), name);
    EXPECT_EQ(mode_named(name), mode);
    EXPECT_EQ(resolve({}, environment({{"RON_BUS_MODE", name}}))->mode.value, mode);
  }
}

TEST(Config, an_unknown_mode_is_an_error_that_names_all_there_are) {
  for (const char* const text : {"", "Classic", "batch", "edge ", "edge_batched", "1"}) {
    const auto config = BusBuilder{}
                            .mode(BusMode::Edge)
                            .environment(environment({{"RON_BUS_MODE", text}}))
                            .config();
    ASSERT_FALSE(config.has_value()) << text;
    EXPECT_EQ(config.error().knob, "RON_BUS_MODE");
    EXPECT_EQ(config.error().value, text);
    EXPECT_EQ(config.error().source, "environment");
    EXPECT_EQ(config.error().allowed, "classic, batched, edge or edge-batched");
  }
}

TEST(Config, of_a_bus_can_be_asked_for) {
  const auto bus = BusBuilder{}.environment(environment({{"RON_CAP", "100"}})).build<int>().value();
  EXPECT_EQ(bus.requested_capacity(), 100U);
  EXPECT_EQ(bus.capacity(), 128U);
  EXPECT_EQ(bus.config().capacity, 128U);
  EXPECT_EQ(bus.config().requested_capacity.source, Source::Environment);
  EXPECT_EQ(bus.config().warnings.size(), 1U);
}

TEST(Config, the_fence_asked_for_is_the_fence_used) {
  const auto portable =
      BusBuilder{}.environment(environment({})).fence(FencePolicy::Portable).config().value();
  EXPECT_EQ(to_string(portable.fence.value), "portable");
  const auto membarrier =
      BusBuilder{}.environment(environment({})).fence(FencePolicy::Membarrier).config();
  if (sync::membarrier_available()) {
    EXPECT_EQ(to_string(membarrier->fence.value), "membarrier");
    EXPECT_EQ(to_string(resolve({}, environment({}))->fence.value), "membarrier");
  } else {
    EXPECT_EQ(membarrier.error().knob, "fence");
    EXPECT_EQ(to_string(resolve({}, environment({}))->fence.value), "portable");
  }
}

TEST(Config, reads_the_environment_of_the_process_if_not_told_otherwise) {
  ASSERT_EQ(::setenv("RON_CAP", "16", 1), 0);
  EXPECT_EQ(process_environment("RON_CAP"), "16");
  EXPECT_EQ(BusBuilder{}.config()->requested_capacity.value, 16U);
  ASSERT_EQ(::unsetenv("RON_CAP"), 0);
  EXPECT_EQ(process_environment("RON_CAP"), std::nullopt);
}

TEST(Errors, have_words) {
  EXPECT_EQ(RecvError{RecvError::Empty}.message(), "empty");
  EXPECT_EQ(RecvError::lagged(7).message(), "lagged (missed 7)");
  EXPECT_EQ(RecvError::lagged(7).missed(), 7U);
  EXPECT_EQ(RecvError{RecvError::Closed}.missed(), 0U);
  EXPECT_EQ(RecvError::lagged(7), RecvError::Lagged);
  EXPECT_NE(RecvError::lagged(7), RecvError::lagged(8));
  EXPECT_EQ(to_string(RecvError::Timeout), "timeout");
  EXPECT_EQ(to_string(RecvError::Stopped), "stopped");
  EXPECT_EQ(to_string(RecvError::Closed), "closed");
  EXPECT_EQ(to_string(PublishError::Closed), "closed");
  EXPECT_EQ(to_string(PublishError::Full), "full");
  EXPECT_EQ(to_string(PublishError::Timeout), "timeout");
  EXPECT_EQ(to_string(PublishError::Stopped), "stopped");
  EXPECT_EQ(to_string(PublishError::Busy), "busy");
  EXPECT_EQ(to_string(PublishError::OutOfMemory), "out of memory");
}

}  // namespace
}  // namespace ron::test
