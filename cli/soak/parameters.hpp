// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace ron::cli::soak {

enum class PayloadKind : std::uint8_t { U64, Event };

[[nodiscard]] std::string_view to_string(PayloadKind kind) noexcept;

/// At which subscribers keep up on two cores.
[[nodiscard]] constexpr std::uint64_t usual_pace(PayloadKind kind) noexcept {
  return kind == PayloadKind::U64 ? 2'000'000 : 500'000;
}

/// What is soaked. A soak that is taken up again must have the same.
struct Parameters {
  std::uint64_t events = 1'000'000'000;   ///< publishes; 0: as many as there are in `duration`
  std::chrono::milliseconds duration{0};  ///< of publishing; 0: until `events` are published
  std::size_t publishers = 4;
  std::size_t subscribers = 8;
  std::size_t gating = 0;  ///< how many of the subscribers gate
  std::size_t capacity = 65536;
  PayloadKind payload = PayloadKind::U64;
  /// Publishes a second, all together; 0: without limit.
  std::uint64_t pace = usual_pace(PayloadKind::U64);
  std::uint64_t churn = 100;             ///< subscribers that come and go, a second
  std::chrono::microseconds slow{1000};  ///< a message of the slow subscriber; 0: there is none
};

/// By the names of the options.
[[nodiscard]] nlohmann::ordered_json to_json(const Parameters& parameters);

}  // namespace ron::cli::soak
