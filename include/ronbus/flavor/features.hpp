// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which flavors are part of this build, besides classic. The CMake options of the same names turn
// them off; choosing a mode that is not there is a BuildError then.
#pragma once

#ifndef RONBUS_FLAVOR_BATCHED
#define RONBUS_FLAVOR_BATCHED 1
#endif
#ifndef RONBUS_FLAVOR_EDGE
#define RONBUS_FLAVOR_EDGE 1
#endif

namespace ron::flavor {

inline constexpr bool kHasBatched = RONBUS_FLAVOR_BATCHED != 0;
inline constexpr bool kHasEdge = RONBUS_FLAVOR_EDGE != 0;

}  // namespace ron::flavor
