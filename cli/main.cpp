// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The program `ronbus`: finds out which subcommand is meant and runs it.
#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench_command.hpp"
#include "complain.hpp"
#include "config_command.hpp"
#include "demo_command.hpp"
#include "exit_code.hpp"
#include "soak_command.hpp"
#include "tee_command.hpp"
#include "top_command.hpp"

namespace {

using namespace ron::cli;

constexpr const char* kExamples =
    "Examples:\n"
    "  tail -f app.log | ronbus tee 'grep ERROR >errors' --lossy './slow-dashboard'\n"
    "  RON_CAP=1024 ronbus config\n"
    "  ronbus demo --listen\n"
    "  ronbus top http://127.0.0.1:9464/metrics\n"
    "  ronbus soak --duration 30m\n"
    "  ronbus bench --quick --html report.html\n"
    "\n"
    "More: ronbus COMMAND --help\n"
    "Exit code: 0; 1 if something failed; 2 if it was called wrongly.";

/// The command line in the order that CLI11 wants: the last argument first. Commands that it would
/// mistake, for a list such as "[ -t 1 ]" or for an option behind "--", get a space in front, which
/// means nothing to a shell.
std::vector<std::string> arguments(int argc, char** argv) {
  std::vector<std::string> result;
  bool only_commands = false;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    const bool mistaken = argument.starts_with('[') || (only_commands && argument.starts_with('-'));
    if (mistaken) argument.insert(0, 1, ' ');
    if (argument == "--" && !only_commands) {
      only_commands = true;  // said by the spaces from here on
    } else {
      result.push_back(std::move(argument));
    }
  }
  std::ranges::reverse(result);
  return result;
}

int run(int argc, char** argv) {
  CLI::App program{"Broadcast to many readers without waiting for the slow ones; count every loss.",
                   "ronbus"};
  program.set_version_flag("--version", "ronbus " RONBUS_VERSION);
  program.require_subcommand(1);
  program.footer(kExamples);
  const ConfigCommand config{program};
  const TeeCommand tee{program};
  const SoakCommand soak{program};
  const DemoCommand demo{program};
  const TopCommand top{program};
  const BenchCommand bench{program};
  try {
    program.parse(arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
    complain(error.what());
    complain("see ronbus --help");
    return kUsage;
  }
  if (tee.was_chosen()) return tee.run();
  if (soak.was_chosen()) return soak.run();
  if (demo.was_chosen()) return demo.run();
  if (top.was_chosen()) return top.run();
  return bench.was_chosen() ? bench.run() : config.run();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    complain("out of memory");
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return kFailure;
}
