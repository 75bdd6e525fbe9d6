// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ron::cli::tee {

/// What became of a command.
struct CommandSummary {
  std::string command;
  bool lossy = false;
  std::uint64_t delivered = 0;  ///< lines, written to its input in full
  std::uint64_t missed = 0;     ///< all other lines of the input
  bool left_early = false;      ///< it stopped reading before the end of the input
  bool terminated = false;      ///< by us, because it did not come to an end
  int wait_status = 0;          ///< as `waitpid` gives it

  [[nodiscard]] std::optional<int> exit_status() const;
  [[nodiscard]] std::optional<int> signal() const;
};

/// What a run of `ronbus tee` did.
struct Summary {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;         ///< until the plain commands had all input
  double total_seconds = 0;   ///< until the last command ended
  std::optional<int> signal;  ///< that ended it before the input did
  std::vector<CommandSummary> commands;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  int exit_code = 0;
};

/// Several lines for people.
[[nodiscard]] std::string to_text(const Summary& summary);
/// One line for programs.
[[nodiscard]] std::string to_json(const Summary& summary);

/// A command in at most `width` columns and on one line.
[[nodiscard]] std::string shortened(const std::string& command, std::size_t width);

}  // namespace ron::cli::tee
