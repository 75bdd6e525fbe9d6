// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "report.hpp"

namespace ron::cli::bench {

/// The one this runs on; what cannot be found out stays empty.
[[nodiscard]] Machine this_machine();

}  // namespace ron::cli::bench
