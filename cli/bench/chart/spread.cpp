// SPDX-License-Identifier: MIT OR Apache-2.0
#include "spread.hpp"

#include <fmt/format.h>

namespace ron::cli::bench::chart {

std::string described(Unit unit, const Spread& spread) {
  return fmt::format("median {}, quartiles {} to {}, extremes {} to {}, {} round{}",
                     shown(unit, spread.median), shown(unit, spread.q1), shown(unit, spread.q3),
                     shown(unit, spread.min), shown(unit, spread.max), spread.rounds,
                     spread.rounds == 1 ? "" : "s");
}

}  // namespace ron::cli::bench::chart
