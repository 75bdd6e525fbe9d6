// SPDX-License-Identifier: MIT OR Apache-2.0
#include "parameters.hpp"

#include <nlohmann/json.hpp>

namespace ron::cli::soak {

std::string_view to_string(PayloadKind kind) noexcept {
  return kind == PayloadKind::U64 ? "u64" : "event";
}

nlohmann::ordered_json to_json(const Parameters& parameters) {
  return {{"events", parameters.events},
          {"duration", static_cast<double>(parameters.duration.count()) / 1000},
          {"publishers", parameters.publishers},
          {"subscribers", parameters.subscribers},
          {"gating", parameters.gating},
          {"capacity", parameters.capacity},
          {"payload", to_string(parameters.payload)},
          {"pace", parameters.pace},
          {"churn", parameters.churn},
          {"slow", parameters.slow.count()}};
}

}  // namespace ron::cli::soak
