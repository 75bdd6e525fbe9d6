// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace ron::bench {

/// How often the calling thread has called any operator new; the program replaces them all.
[[nodiscard]] std::uint64_t allocations_of_this_thread() noexcept;

}  // namespace ron::bench
