// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Messages that carry a number, by which verification recognises them.
#pragma once

#include <cstdint>
#include <variant>

#include "ronbus/builder.hpp"
#include "ronbus/event.hpp"

#include "harness/check.hpp"

namespace ron::bench::core {

using Number = std::uint64_t;

/// A bus, or WrongAnswer.
template <class T>
[[nodiscard]] Bus<T> build(const BusBuilder& builder) {
  auto bus = builder.build<T>();
  if (!bus) throw WrongAnswer{bus.error().message()};
  return std::move(*bus);
}

template <class T>
[[nodiscard]] Publisher<T> publisher_of(const Bus<T>& bus) {
  auto publisher = bus.publisher();
  if (!publisher) throw WrongAnswer{"no publisher"};
  return std::move(*publisher);
}

template <class T>
[[nodiscard]] T numbered(Number number) {
  return T{number};
}
template <>
[[nodiscard]] inline KernelEvent numbered<KernelEvent>(Number number) {
  return ConfigUpdated{number};
}

[[nodiscard]] inline Number number_of(Number message) noexcept { return message; }
[[nodiscard]] inline Number number_of(const KernelEvent& message) noexcept {
  const auto* const update = std::get_if<ConfigUpdated>(&message);
  return update != nullptr ? update->version : ~Number{0};
}

}  // namespace ron::bench::core
