// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <functional>

#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/interest.hpp"

namespace ron::flavor {

/// What a subscriber wants to see. What it does not want is passed over, and counted.
template <Message T>
struct Filter {
  Interest interest = kEveryInterest;
  std::function<bool(const T&)> predicate;

  /// False if every message passes.
  [[nodiscard]] explicit operator bool() const noexcept {
    return (HasInterest<T> && interest != kEveryInterest) || predicate != nullptr;
  }
  [[nodiscard]] bool wants(const T& message) const {
    if constexpr (HasInterest<T>) {
      if (!meets(interest, interest_of(message))) return false;
    }
    return !predicate || predicate(message);
  }
};

}  // namespace ron::flavor
