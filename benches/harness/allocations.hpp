// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Heap memory, counted where the whole program and its libraries get it: in malloc and its kin,
// which the program replaces. Each thread counts what it does itself.
#pragma once

#include <cstdint>

namespace ron::bench {

/// How often the calling thread has asked for memory.
[[nodiscard]] std::uint64_t allocations_of_this_thread() noexcept;

/// Bytes that the calling thread has got, less those that it has given back. What one thread gets
/// and another gives back counts for both.
[[nodiscard]] std::int64_t live_bytes_of_this_thread() noexcept;

}  // namespace ron::bench
