// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

#include "ronbus/shared_bytes.hpp"

namespace ron::cli::tee {

/// The message of the bus: consecutive whole lines in one shared buffer. Numbers let a reader tell
/// exactly which lines lie in a gap.
struct LineRun {
  SharedBytes bytes;
  std::uint64_t lines = 0;
  std::uint64_t first_line = 0;  ///< lines of the input before these
  std::uint64_t index = 0;       ///< runs before this one
};

}  // namespace ron::cli::tee
