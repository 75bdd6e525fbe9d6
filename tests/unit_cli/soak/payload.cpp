// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/soak/payload.hpp"

#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

namespace ron::cli::soak {
namespace {

using Message = EventPayload::Message;

TEST(SoakPayload, every_kind_of_event_gives_its_stamp_back) {
  for (std::uint64_t number = 1; number <= 16; ++number) {
    const Stamp stamp = stamp_of(3, number);
    EXPECT_EQ(EventPayload::stamp_of(EventPayload::make(stamp)), stamp);
    EXPECT_EQ(U64Payload::stamp_of(U64Payload::make(stamp)), stamp);
  }
  EXPECT_EQ(EventPayload::stamp_of(EventPayload::make(kMarker)), kMarker);
}

TEST(SoakPayload, an_event_of_another_stamp_is_garbled) {
  for (std::uint64_t number = 1; number <= 8; ++number) {
    Message message = EventPayload::make(stamp_of(1, number));
    if (std::holds_alternative<Shutdown>(message.event)) continue;  // says nothing
    message.stamp += 8;                                             // the same kind
    EXPECT_EQ(EventPayload::stamp_of(message), kGarbled) << number;
  }
  Message message = EventPayload::make(stamp_of(1, 1));
  message.stamp += 1;
  EXPECT_EQ(EventPayload::stamp_of(message), kGarbled);
}

TEST(SoakCensus, counts_copies_moves_and_ends_in_all_threads) {
  const Population before = census();
  std::optional<Message> kept;
  std::thread{[&kept] {
    Message made;
    Message copied = made;
    kept.emplace(std::move(made));
    copied = *kept;  // no new object
  }}.join();
  Population now = census();
  EXPECT_EQ(now.constructed - before.constructed, 3U);
  EXPECT_EQ(now.destroyed - before.destroyed, 2U);
  EXPECT_EQ(now.alive() - before.alive(), 1U);
  kept.reset();
  now = census();
  EXPECT_EQ(now.alive(), before.alive());
}

}  // namespace
}  // namespace ron::cli::soak
