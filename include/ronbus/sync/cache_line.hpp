// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>

#include "ronbus/sync/atomic.hpp"

namespace ron::sync {

/// Bytes that move together between cores. Fixed rather than taken from
/// std::hardware_destructive_interference_size, whose value depends on compiler flags and would
/// make the layout of public types differ between translation units.
inline constexpr std::size_t kCacheLine = kModelCheck ? 32 : 64;

}  // namespace ron::sync
