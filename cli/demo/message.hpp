// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

#include "ronbus/shared_bytes.hpp"

namespace ron::cli::demo {

struct Message {
  std::uint64_t number = 0;  ///< of its publisher, from 0
  SharedBytes body;
};

}  // namespace ron::cli::demo
