// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ronbus/snapshot.hpp"

namespace ron::cli::demo {

/// What everybody counted, independently of the bus.
struct Accounts {
  struct Receiver {
    std::string name;
    std::string kind;
    std::uint64_t received = 0;
    std::uint64_t missed = 0;
    std::uint64_t bytes = 0;
  };

  std::uint64_t published = 0;
  std::vector<Receiver> receivers;
};

/// What does not hold once everybody has read everything, a sentence each: published x subscribers
/// = received + missed + filtered, for each of them and for the whole bus, as each counted itself
/// and as the bus did; nothing refused, nothing published to nobody.
[[nodiscard]] std::vector<std::string> faults_of(const Accounts& accounts, const BusSnapshot& bus);

}  // namespace ron::cli::demo
