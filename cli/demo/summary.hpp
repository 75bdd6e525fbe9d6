// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ronbus/snapshot.hpp"

#include "audit.hpp"
#include "parameters.hpp"

namespace ron::cli::demo {

/// What a demo did.
struct Summary {
  Parameters parameters;
  Accounts accounts;
  BusSnapshot bus;
  double seconds = 0;  ///< of publishing
  std::optional<int> signal;
  std::vector<std::string> failures;
};

/// For people.
[[nodiscard]] std::string to_text(const Summary& summary);
/// One line for programs.
[[nodiscard]] std::string to_json(const Summary& summary);

}  // namespace ron::cli::demo
