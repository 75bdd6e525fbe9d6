// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger.hpp"

namespace ron::cli::soak {

/// What is known at a quiet moment: everybody rests, and has read the marker.
struct QuietMoment {
  struct Subscriber {
    std::string name;
    bool gating;
    const Ledger& ledger;
    // What the bus says, all messages counted, markers too.
    std::uint64_t received;
    std::uint64_t missed;
    std::uint64_t lag;
  };

  std::uint64_t published = 0;      ///< counted by the publishers themselves
  std::uint64_t uncovered = 0;      ///< published to fewer subscribers than there are
  std::uint64_t refused = 0;        ///< counted by the publishers themselves
  std::uint64_t markers = 0;        ///< published so far
  std::uint64_t bus_published = 0;  ///< markers too
  std::uint64_t bus_refused = 0;
  std::vector<Subscriber> subscribers;
  std::string visitor_fault;
};

/// What does not hold, a sentence each: everything published is accounted for by everybody, the bus
/// and we count the same, order and contents are right, who gates missed nothing, all see one
/// order, nothing was refused.
[[nodiscard]] std::vector<std::string> faults_of(const QuietMoment& moment);

}  // namespace ron::cli::soak
