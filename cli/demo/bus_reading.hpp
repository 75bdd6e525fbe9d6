// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "ronbus/snapshot.hpp"

#include "../watch/reading.hpp"

namespace ron::cli::demo {

/// A bus of this process, as one of another process is read.
[[nodiscard]] watch::BusReading reading_of(const BusSnapshot& bus);

}  // namespace ron::cli::demo
