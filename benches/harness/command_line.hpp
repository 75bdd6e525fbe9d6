// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace ron::bench {

enum class SuiteName : std::uint8_t { Core, Threads, Wake };

struct Options {
  SuiteName suite = SuiteName::Core;
  std::string json;                   ///< file to write; empty for none
  std::optional<std::size_t> rounds;  ///< each suite has its own default
  std::optional<double> seconds;      ///< as many rounds as fit into so long, instead
  std::string filter;                 ///< part of the names to run; empty for all
  bool pin = false;
};

/// What the program should exit with and has to say instead of running.
struct Ending {
  int status = 0;
  std::string text;
};

[[nodiscard]] std::expected<Options, Ending> parse(int argc, const char* const* argv);

}  // namespace ron::bench
