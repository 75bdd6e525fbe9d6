// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "ronbus/sync/atomic.hpp"

namespace ron::wait {

/// A point on the monotonic clock; no deadline if empty.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;

/// What a wait ended with.
enum class WaitStatus : std::uint8_t { Ready, Timeout, Stopped };

/// Sleeps while `word` is `expected`, until woken or the deadline. May return without cause.
void futex_wait(const sync::Word<std::uint32_t>& word, std::uint32_t expected,
                const Deadline& deadline) noexcept;

/// Wakes one thread of this process that sleeps on `word`.
void futex_wake_one(const sync::Word<std::uint32_t>& word) noexcept;

/// Wakes every thread of this process that sleeps on `word`.
void futex_wake_all(const sync::Word<std::uint32_t>& word) noexcept;

}  // namespace ron::wait
