// SPDX-License-Identifier: MIT OR Apache-2.0
#include "top_command.hpp"

#include "complain.hpp"
#include "exit_code.hpp"
#include "option_reader.hpp"
#include "top/session.hpp"

namespace ron::cli {
namespace {

constexpr const char* kTopHelp =
    "URL is where a process with ron-bus serves its metrics for Prometheus:\n"
    "[http[s]://]HOST[:PORT][/PATH]. Without a path it is /metrics, without http:// the port is\n"
    "9464, and without anything 127.0.0.1:9464, where ronbus demo --listen serves its own.\n"
    "\n"
    "Of every bus are shown: messages published a second, what its subscribers lose, and how far\n"
    "the slowest of them is behind; of every subscriber what it receives and loses, how far it is\n"
    "behind, and the history of that as a bar: a full block is the capacity of the bus, red is "
    "where\n"
    "something was lost. Who is gone keeps its counts; (other) stands for all that have no label "
    "of\n"
    "their own. Rates are those of the last --interval.\n"
    "\n"
    "When the process goes away it is waited for; when it comes back its counts begin anew.\n"
    "\n"
    "Keys: q quit; s next order, or l lag, m lost, r rate, n name; / filter, Escape to clear it;\n"
    "space pause; arrows, j, k, page up and down scroll.\n"
    "\n"
    "Where standard output is no terminal, a plain table is printed every --interval, with --json "
    "a\n"
    "line of JSON; with --once there is only one, after two scrapes.\n"
    "\n"
    "Examples:\n"
    "  ronbus top                                  watch a ronbus demo --listen\n"
    "  ronbus top http://10.0.0.7:9464/metrics --sort lost\n"
    "  ronbus top :9464 --once --json | jq '.buses[].missed_per_s'\n"
    "\n"
    "Exit code: 0; 1 if nobody answers at first, or with no metrics of ron-bus; 2 if called\n"
    "wrongly; after a signal, 128 plus its number.";

}  // namespace

TopCommand::TopCommand(CLI::App& program)
    : app_{program.add_subcommand("top", "Watch the buses of a running process")} {
  app_->add_option("url", url_, "Where its metrics are; default :9464")->type_name("URL");
  app_->add_option("--interval", interval_, "Time between two scrapes; default 1s")
      ->type_name("TIME");
  app_->add_option("--sort", sort_, "lag (default), lost, rate or name")->type_name("KEY");
  app_->add_option("--filter", filter_, "Only buses and subscribers with this in their names")
      ->type_name("TEXT");
  app_->add_flag("--once", once_, "Print one table, and end");
  app_->add_flag("--json", json_, "Print JSON");
  app_->footer(kTopHelp);
}

int TopCommand::run() const {
  top::SessionOptions options{.url = {}, .filter = filter_, .once = once_, .json = json_};
  OptionReader reader{*app_};
  if (auto url = top::url_in(url_)) {
    options.url = std::move(*url);
  } else {
    reader.fail(url.error());
  }
  reader.read("--interval", interval_, options.interval);
  if (reader.wanted("--sort")) {
    if (const auto sort = watch::sort_named(sort_)) {
      options.sort = *sort;
    } else {
      reader.fail("--sort", sort_, "lag, lost, rate or name");
    }
  }
  if (!reader.error().empty()) {
    complain(reader.error());
    return kUsage;
  }
  return top::run_session(options);
}

}  // namespace ron::cli
