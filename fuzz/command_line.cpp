// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The command line of the program: parsed, or refused with one line of text; nothing is run.
// Input: arguments, cut at each byte 0.
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/bench_command.hpp"
#include "cli/config_command.hpp"
#include "cli/demo_command.hpp"
#include "cli/knobs.hpp"
#include "cli/soak_command.hpp"
#include "cli/tee_command.hpp"
#include "cli/top_command.hpp"
#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ron::fuzz::require;
  using namespace ron::cli;
  ron::fuzz::Input input{data, size};
  CLI::App program;
  program.require_subcommand(1);
  const ConfigCommand config{program};
  const TeeCommand tee{program};
  const SoakCommand soak{program};
  const DemoCommand demo{program};
  const TopCommand top{program};
  const BenchCommand bench{program};
  Knobs knobs{program};
  std::vector<std::string> arguments = input.texts();
  if (!arguments.empty()) {
    const auto number = number_for("--cap", "RON_CAP", arguments.front());
    if (!number) require(number.error().find("--cap") != std::string::npos);
  }
  try {
    program.parse(std::move(arguments));
    const auto builder = knobs.builder();
    if (!builder) require(!builder.error().empty());
  } catch (const CLI::ParseError& error) {
    require(error.get_exit_code() == 0 || !std::string{error.what()}.empty());
  }
  return 0;
}
