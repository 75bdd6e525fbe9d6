// SPDX-License-Identifier: MIT OR Apache-2.0
#include "payload.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace ron::cli::soak {
namespace {

// Longer than what a string keeps inside itself.
constexpr std::size_t kServiceSize = 24;
constexpr std::size_t kReasonSize = 40;

constexpr unsigned kKinds = std::variant_size_v<KernelEvent>;

/// `kSize` characters that only this stamp has.
template <std::size_t kSize>
class Text {
 public:
  explicit Text(Stamp stamp) noexcept {
    constexpr unsigned kDigits = 16;
    for (std::size_t i = 0; i < kSize; ++i) {
      const std::size_t nibble = stamp >> (4 * (i % kDigits)) & 0xf;
      characters_[i] = static_cast<char>('a' + nibble);
    }
  }
  [[nodiscard]] std::string_view view() const noexcept {
    return {characters_.data(), characters_.size()};
  }

 private:
  std::array<char, kSize> characters_;
};

using Service = Text<kServiceSize>;
using Reason = Text<kReasonSize>;

bool is_ok(Stamp stamp) noexcept { return (stamp / kKinds) % 2 == 0; }

/// Whether an event is the one made for a stamp.
struct IsOf {
  Stamp stamp;

  bool operator()(const Health& event) const noexcept {
    return event.ok == is_ok(stamp) && event.service == Service{stamp}.view();
  }
  bool operator()(const ConfigUpdated& event) const noexcept { return event.version == stamp; }
  bool operator()(const ServiceCrashed& event) const noexcept {
    return event.service == Service{stamp}.view() && event.reason == Reason{stamp}.view();
  }
  bool operator()(const Shutdown& /*event*/) const noexcept { return true; }
};

KernelEvent event_of(Stamp stamp) {
  switch (stamp % kKinds) {
    case 0:
      return Health{.service = std::string{Service{stamp}.view()}, .ok = is_ok(stamp)};
    case 1:
      return ConfigUpdated{.version = stamp};
    case 2:
      return ServiceCrashed{.service = std::string{Service{stamp}.view()},
                            .reason = std::string{Reason{stamp}.view()}};
    default:
      return Shutdown{};
  }
}

}  // namespace

EventPayload::Message EventPayload::make(Stamp stamp) {
  return {.stamp = stamp, .event = event_of(stamp), .counted = {}};
}

Stamp EventPayload::stamp_of(const Message& message) noexcept {
  const bool right = message.event.index() == message.stamp % kKinds &&
                     std::visit(IsOf{message.stamp}, message.event);
  return right ? message.stamp : kGarbled;
}

}  // namespace ron::cli::soak
