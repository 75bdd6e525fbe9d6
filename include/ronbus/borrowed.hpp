// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/reader.hpp"

namespace ron {

/// A message read in place and kept: it stays readable as long as this value lives, even after the
/// subscriber and the bus are gone. It holds back one node of the bus's memory, and nobody's
/// progress. Small trivially copyable messages are kept as a copy instead.
///
/// Threads: one at a time; move-only. Never empty, except after a move.
template <Message T>
class [[nodiscard]] Borrowed {
 public:
  Borrowed(Borrowed&&) noexcept = default;
  Borrowed& operator=(Borrowed&& other) noexcept {
    if (this != &other) {
      // A T with const members can be constructed again, but not assigned.
      std::destroy_at(this);
      std::construct_at(this, std::move(other));
    }
    return *this;
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() = default;

  [[nodiscard]] const T& operator*() const noexcept {
    if (const auto* held = std::get_if<Hold>(&message_)) return held->message();
    return std::get<Copy>(message_).value();
  }
  [[nodiscard]] const T* operator->() const noexcept { return &**this; }

 private:
  template <Message>
  friend class Subscriber;
  template <Message>
  friend class flavor::Reader;

  using Hold = typename flavor::SharedRing<T>::Hold;
  /// What a dense ring hands out; where there can be none, nothing.
  struct NoCopy {
    [[nodiscard]] const T& value() const noexcept { std::unreachable(); }
  };
  template <class U>
  struct CopyType {
    using Type = NoCopy;
  };
  template <class U>
    requires flavor::kDensePossible<U>
  struct CopyType<U> {
    using Type = kernel::WordBuffer<U>;
  };
  using Copy = typename CopyType<T>::Type;

  explicit Borrowed(std::shared_ptr<flavor::BusState<T>> state) noexcept
      : state_{std::move(state)} {}

  [[nodiscard]] Hold& hold() { return message_.template emplace<Hold>(); }
  void keep(const T& message) { message_.template emplace<Copy>(message); }

  // Declared in this order so that the hold goes before the state.
  std::shared_ptr<flavor::BusState<T>> state_;
  std::variant<Hold, Copy> message_;
};

}  // namespace ron
