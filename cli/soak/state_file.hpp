// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "summary.hpp"

namespace ron::cli::soak {

/// What a state file says about the parts that were soaked before.
struct EarlierParts {
  Totals totals;
  std::vector<std::string> failures;
  bool complete = false;
};

/// What `path` says about a soak of `parameters`: nothing if there is no such file. An error, one
/// line for people, if it cannot be read, is damaged, or belongs to another soak.
[[nodiscard]] std::expected<std::optional<EarlierParts>, std::string> load_state(
    const std::string& path, const Parameters& parameters);

/// As the former, for the content of a file. `name` is for the error.
[[nodiscard]] std::expected<EarlierParts, std::string> parse_state(const std::string& content,
                                                                   const std::string& name,
                                                                   const Parameters& parameters);

/// The content of the file: the summary as JSON.
[[nodiscard]] std::string state_of(const Summary& summary);

/// Writes `content` to a file beside `path` and puts it into its place, so that there is a whole
/// file at any time. An error is one line for people.
[[nodiscard]] std::expected<void, std::string> replace_file(const std::string& path,
                                                            const std::string& content);

}  // namespace ron::cli::soak
