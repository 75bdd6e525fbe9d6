// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ron::cli::demo {

/// Who takes part, and what they do.
struct Parameters {
  std::size_t publishers = 2;
  std::size_t subscribers = 4;  ///< that receive as fast as they can
  std::size_t filtering = 0;    ///< further ones that want one message in ten
  std::size_t slow = 1;         ///< further ones that pause after every message
  std::chrono::microseconds pause{1000};
  std::uint64_t rate = 100'000;  ///< publishes a second, all together; 0: without limit
  std::size_t payload = 64;      ///< bytes
  std::uint64_t messages = 0;    ///< to publish; 0: until it is told to end
};

}  // namespace ron::cli::demo
