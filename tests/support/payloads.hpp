// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Message types that carry a number, one for every way in which a bus stores messages.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <ronbus/event.hpp>

namespace ron::test {

using Id = std::uint64_t;

/// What `id_of` answers for a message that nobody published.
inline constexpr Id kTorn = std::numeric_limits<Id>::max();

/// Words that follow from the first one, so that a mix of two messages is recognised.
template <std::size_t Words>
struct Words64 {
  Id words[Words];
};

/// About one of eight topics in turn.
template <std::size_t Words>
constexpr Interest ron_interest(const Words64<Words>& message) noexcept {
  return Interest{1} << (message.words[0] % 8);
}

using Words24Bytes = Words64<3>;
using Words48Bytes = Words64<6>;

/// Can be moved, not copied.
class Ticket {
 public:
  explicit Ticket(Id id) : id_{std::make_unique<Id>(id)} {}
  [[nodiscard]] Id id() const noexcept { return id_ ? *id_ : kTorn; }

 private:
  std::unique_ptr<Id> id_;
};

inline Interest ron_interest(const Ticket& message) noexcept {
  return Interest{1} << (message.id() % 8);
}

#if defined(__cpp_exceptions)
/// Copies throw a string while `fails`.
struct Fragile {
  Fragile() = default;
  Fragile(Fragile&&) = default;
  Fragile(const Fragile&) {
    if (fails) throw std::string{"copied"};
  }
  static inline bool fails = false;
};
#endif

template <class T>
struct PayloadTraits;

template <>
struct PayloadTraits<Id> {
  static Id make(Id id) { return id; }
  static Id id_of(Id message) { return message; }
};

template <std::size_t Words>
struct PayloadTraits<Words64<Words>> {
  static Words64<Words> make(Id id) {
    Words64<Words> message;
    for (std::size_t i = 0; i < Words; ++i) message.words[i] = id * (2 * i + 1);
    return message;
  }
  static Id id_of(const Words64<Words>& message) {
    const Id id = message.words[0];
    for (std::size_t i = 0; i < Words; ++i) {
      if (message.words[i] != id * (2 * i + 1)) return kTorn;
    }
    return id;
  }
};

template <>
struct PayloadTraits<std::string> {
  // Longer than what a string keeps inside itself.
  static std::string make(Id id) { return "a message from somebody: " + std::to_string(id); }
  static Id id_of(const std::string& message) {
    constexpr std::size_t kPrefix = 25;
    return message.size() > kPrefix ? std::stoull(message.substr(kPrefix)) : kTorn;
  }
};

template <>
struct PayloadTraits<Ticket> {
  static Ticket make(Id id) { return Ticket{id}; }
  static Id id_of(const Ticket& message) { return message.id(); }
};

template <>
struct PayloadTraits<KernelEvent> {
  static KernelEvent make(Id id) {
    switch (id % 3) {
      case 0:
        return ConfigUpdated{id};
      case 1:
        return Health{std::to_string(id), id % 2 == 0};
      default:
        return ServiceCrashed{"a service with a long name", std::to_string(id)};
    }
  }
  static Id id_of(const KernelEvent& message) {
    if (const auto* updated = std::get_if<ConfigUpdated>(&message)) return updated->version;
    if (const auto* health = std::get_if<Health>(&message)) {
      return health->service.empty() ? kTorn : std::stoull(health->service);
    }
    if (const auto* crashed = std::get_if<ServiceCrashed>(&message)) {
      return crashed->reason.empty() ? kTorn : std::stoull(crashed->reason);
    }
    return kTorn;
  }
};

template <class T>
T make(Id id) {
  return PayloadTraits<T>::make(id);
}
template <class T>
Id id_of(const T& message) {
  return PayloadTraits<T>::id_of(message);
}

}  // namespace ron::test
