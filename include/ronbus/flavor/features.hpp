// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What is part of this build besides the classic flavor. The CMake options of the same names turn
// it off; choosing what is not there is a BuildError then.
#pragma once

#ifndef RONBUS_FLAVOR_BATCHED
#define RONBUS_FLAVOR_BATCHED 1
#endif
#ifndef RONBUS_FLAVOR_EDGE
#define RONBUS_FLAVOR_EDGE 1
#endif
#ifndef RONBUS_METRICS
#define RONBUS_METRICS 1
#endif

namespace ron::flavor {

inline constexpr bool kHasBatched = RONBUS_FLAVOR_BATCHED != 0;
inline constexpr bool kHasEdge = RONBUS_FLAVOR_EDGE != 0;
/// Whether buses can measure. They count in any case.
inline constexpr bool kHasMetrics = RONBUS_METRICS != 0;

}  // namespace ron::flavor
