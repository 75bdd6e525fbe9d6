// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The kinds of messages: how to make one of a stamp, and how to get the stamp back.
#pragma once

#include <cstdint>

#include "ronbus/event.hpp"

#include "census.hpp"
#include "stamp.hpp"

namespace ron::cli::soak {

struct U64Payload {
  using Message = std::uint64_t;
  static constexpr bool kIsCounted = false;

  [[nodiscard]] static Message make(Stamp stamp) noexcept { return stamp; }
  [[nodiscard]] static Stamp stamp_of(Message message) noexcept { return message; }
};

/// Events of all four kinds, strings with the stamp in them, and a count of their lives.
struct EventPayload {
  struct Message {
    Stamp stamp = 0;
    KernelEvent event;
    Counted counted;
  };
  static constexpr bool kIsCounted = true;

  [[nodiscard]] static Message make(Stamp stamp);
  /// kGarbled if the event is not the one made for the stamp.
  [[nodiscard]] static Stamp stamp_of(const Message& message) noexcept;
};

}  // namespace ron::cli::soak
