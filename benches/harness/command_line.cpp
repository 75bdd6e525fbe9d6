// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/command_line.hpp"

#include <CLI/CLI.hpp>

namespace ron::bench {
namespace {

constexpr int kUsageError = 2;
constexpr std::size_t kMostRounds = 100'000;
constexpr double kFewestSeconds = 0.1;
constexpr double kMostSeconds = 86400;

void add_options(CLI::App& suite, Options& options) {
  suite.add_option("--json", options.json, "Write all results with their samples to FILE")
      ->type_name("FILE");
  CLI::Option* const rounds =
      suite.add_option("--rounds", options.rounds, "Repetitions of every case")
          ->type_name("N")
          ->check(CLI::Range(std::size_t{1}, kMostRounds));
  suite
      .add_option("--seconds", options.seconds,
                  "As many repetitions as fit into S seconds, one at least")
      ->type_name("S")
      ->check(CLI::Range(kFewestSeconds, kMostSeconds))
      ->excludes(rounds);
  suite
      .add_option("--filter", options.filter, "Only what has TEXT in its name, and its references")
      ->type_name("TEXT");
  suite.add_flag("--pin", options.pin, "Tie thread i to core i");
}

}  // namespace

std::expected<Options, Ending> parse(int argc, const char* const* argv) {
  Options options;
  CLI::App app{"Benchmarks of ron-bus. Answers are verified before anything is timed.",
               "ronbus_bench"};
  app.require_subcommand(1);
  CLI::App* const core = app.add_subcommand("core", "One thread: what each operation costs");
  CLI::App* const threads =
      app.add_subcommand("threads", "Several threads: throughput and end-to-end latency");
  CLI::App* const wake = app.add_subcommand(
      "wake", "Sleeping and waking: cost to publishers, latency, number of wake-ups");
  add_options(*core, options);
  add_options(*threads, options);
  add_options(*wake, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* const asked = core->parsed()      ? core
                                  : threads->parsed() ? threads
                                  : wake->parsed()    ? wake
                                                      : &app;
    return std::unexpected{Ending{.status = 0, .text = asked->help()}};
  } catch (const CLI::ParseError& error) {
    return std::unexpected{Ending{
        .status = kUsageError,
        .text = std::string{"ronbus_bench: "} + error.what() + "\nSee ronbus_bench --help.\n"}};
  }
  options.suite = core->parsed()      ? SuiteName::Core
                  : threads->parsed() ? SuiteName::Threads
                                      : SuiteName::Wake;
  return options;
}

}  // namespace ron::bench
