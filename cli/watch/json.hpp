// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "watch.hpp"

namespace ron::cli::watch {

/// An array of buses; rates that are not known are null.
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<WatchedBus>& buses);

}  // namespace ron::cli::watch
