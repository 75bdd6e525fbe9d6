// SPDX-License-Identifier: MIT OR Apache-2.0
#include "tee_command.hpp"

#include <charconv>
#include <chrono>
#include <optional>

#include "ronbus/builder.hpp"

#include "complain.hpp"
#include "exit_code.hpp"
#include "knobs.hpp"
#include "tee/session.hpp"

namespace ron::cli {
namespace {

constexpr const char* kTeeHelp =
    "Each command is run by /bin/sh -c and reads the lines from its standard input. Plain "
    "commands\n"
    "get every line; the slowest of them sets the pace. A --lossy command slows nobody: when it\n"
    "falls behind it misses whole lines, which are counted. A command that ends early is left out\n"
    "from then on; when no command reads any more, so does ronbus.\n"
    "\n"
    "At the end of input a --lossy command has --grace seconds to take what is retained for it "
    "(and as\n"
    "long again to finish a line it has begun). Then its input is closed, and what is left counts "
    "as\n"
    "missed. If it then reads nothing for another --grace seconds, but at least half a second,\n"
    "although it has input left, it is terminated. Otherwise commands are waited for.\n"
    "\n"
    "Ctrl-C (or SIGTERM, SIGHUP) stops reading; all commands then have --grace seconds to take "
    "what\n"
    "was read, and as long again to end, before they are terminated. A second Ctrl-C kills them.\n"
    "\n"
    "A summary goes to standard error at the end, with --json as one line of JSON, the last one\n"
    "there; while standard error is a terminal, a table shows progress. Input is retained for "
    "slow\n"
    "commands up to --cap messages and 256 MiB; a message is what one read of the input brought, "
    "up\n"
    "to 64 KiB, or one longer line.\n"
    "\n"
    "Examples:\n"
    "  tail -f app.log | ronbus tee 'grep ERROR >errors' 'wc -l' --lossy './slow-dashboard'\n"
    "  ronbus tee 'sha256sum' 'gzip >copy.gz' --json <file 2>summary.json\n"
    "  ronbus tee --lossy cat -- '-odd-name' <file\n"
    "\n"
    "Exit code: 0; 1 if a command failed or the input could not be read; 2 if called wrongly; "
    "after\n"
    "a signal, 128 plus its number.";

std::optional<std::chrono::milliseconds> seconds_from(const std::string& text) {
  constexpr double kLongest = 86400;
  double seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, failure] = std::from_chars(text.data(), end, seconds);
  const bool usable = failure == std::errc{} && parsed == end && seconds >= 0;
  if (!usable || seconds > kLongest) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>{seconds});
}

/// Without the space that kept a command from being mistaken for a list or an option.
std::vector<std::string> as_typed(std::vector<std::string> commands) {
  for (std::string& command : commands) {
    if (command.starts_with(" [") || command.starts_with(" -")) command.erase(0, 1);
  }
  return commands;
}

}  // namespace

TeeCommand::TeeCommand(CLI::App& program)
    : app_{program.add_subcommand("tee", "Broadcast the lines of standard input to commands")} {
  app_->add_option("command", plain_, "Commands that get every line")->type_name("COMMAND");
  app_->add_option("--lossy", lossy_, "A command that may miss lines; repeatable")
      ->type_name("COMMAND")
      ->allow_extra_args(false);  // one command each
  app_->add_option("--cap", capacity_, "Messages to retain (RON_CAP)")->type_name("N");
  app_->add_option("--grace", grace_, "Patience at the end, see below; default 2")
      ->type_name("SECONDS");
  app_->add_flag("--json", json_, "Summary as JSON");
  app_->footer(kTeeHelp);
}

int TeeCommand::run() const {
  if (plain_.empty() && lossy_.empty()) {
    complain("tee: no command given; see ronbus tee --help");
    return kUsage;
  }
  const auto grace = seconds_from(grace_);
  if (!grace) {
    complain(not_usable("--grace", grace_, "seconds from 0 to 86400"));
    return kUsage;
  }
  BusBuilder builder;
  if (app_->count("--cap") > 0) {
    const auto capacity = number_for("--cap", "RON_CAP", capacity_);
    if (!capacity) {
      complain(capacity.error());
      return kUsage;
    }
    builder.cap(*capacity);
  }
  auto bus = builder.single_publisher().build<tee::LineRun>();
  if (!bus) {
    complain(bus.error().message());
    return kUsage;
  }
  return tee::run_session(
      std::move(*bus),
      {.plain = as_typed(plain_), .lossy = as_typed(lossy_), .grace = *grace, .json = json_});
}

}  // namespace ron::cli
