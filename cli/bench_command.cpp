// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench_command.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/command_line.hpp"
#include "bench/field.hpp"
#include "bench/listing.hpp"
#include "bench/outputs.hpp"
#include "bench/plan.hpp"
#include "bench/report.hpp"
#include "bench/runners_folder.hpp"
#include "bench/session.hpp"
#include "complain.hpp"
#include "exit_code.hpp"

namespace ron::cli {
namespace {

using namespace bench;

constexpr const char* kBenchHelp =
    "Every system is measured in every case it takes part in, in rounds of alternating order; a\n"
    "figure is the median over the rounds, the first of which warms up. Received messages are\n"
    "checked, and a system that gives a wrong answer has no figure. docs/BENCHMARKS.md says what\n"
    "the workloads do.\n"
    "\n"
    "The systems are in programs named runner_*, which scripts/bench report builds. They are "
    "looked\n"
    "for in --runners, in RONBUS_RUNNERS, in benches/ beside this program and in "
    "lib/ronbus/benches/\n"
    "of the prefix it is installed in. What is not installed is skipped.\n"
    "\n"
    "A Markdown report goes to standard output unless --markdown names a file; a file named - is\n"
    "standard output. Files are opened before anything is measured. Ctrl-C ends the measurement;\n"
    "the reports then hold the complete rounds.\n"
    "\n"
    "Examples:\n"
    "  ronbus bench --quick --json run.json --html run.html\n"
    "  ronbus bench --full --workload gated --workload floors --pin --markdown gated.md\n"
    "  ronbus bench --workload ab_compare --system ron-bus --system tokio --rounds 20\n"
    "  ronbus bench --from run.json --html run.html\n"
    "\n"
    "Exit code: 0; 1 if a system gave a wrong answer or a runner failed; 2 if called wrongly; "
    "after\n"
    "a signal, 128 plus its number.";

/// How long a set is measured unless somebody says otherwise.
struct Extent {
  std::uint64_t rounds;
  std::uint64_t millis;
};
constexpr Extent kQuickExtent{.rounds = 5, .millis = 40};
constexpr Extent kFullExtent{.rounds = 7, .millis = 150};
/// Three minutes, less what the last round and the reports may take.
constexpr std::chrono::seconds kQuickBudget{165};
constexpr std::uint64_t kUsualTimeout = 60;

/// `fallback` without the flag.
std::expected<std::uint64_t, std::string> number_of(const CLI::App& app, const std::string& flag,
                                                    const std::string& text, std::uint64_t fallback,
                                                    std::uint64_t most) {
  if (app.count(flag) == 0) return fallback;
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || parsed != end || number < 1 || number > most) {
    return std::unexpected{
        not_usable(flag, text, fmt::format("a whole number from 1 to {}", most))};
  }
  return number;
}

std::expected<std::vector<Case>, std::string> chosen_cases(
    const std::vector<std::string>& workloads, bool full) {
  const auto known = workloads_of(plan());
  for (const std::string& name : workloads) {
    if (std::ranges::find(known, name) != known.end()) continue;
    return std::unexpected{
        not_usable("--workload", name, fmt::format("{}", fmt::join(known, ", ")))};
  }
  std::vector<Case> cases;
  for (const Case& entry : plan()) {
    const bool wanted =
        workloads.empty() || std::ranges::find(workloads, entry.workload) != workloads.end();
    if (wanted && (full || entry.quick)) cases.push_back(entry);
  }
  return cases;
}

std::expected<Report, std::string> read_file(const std::string& path) {
  std::ifstream file{path};
  const auto failed = [&path](std::string_view why) {
    return std::unexpected{fmt::format("--from={} is not usable: {}", path, why)};
  };
  if (!file) return failed("it cannot be read");
  const auto json = nlohmann::ordered_json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return failed("it is not JSON");
  auto report = read_report(json);
  if (!report) return failed(report.error());
  return report;
}

int usage(std::string_view text) {
  complain(fmt::format("bench: {}", text));
  return kUsage;
}

constexpr int kSignalled = 128;

int list(const std::vector<std::filesystem::path>& runners, const std::vector<Case>& cases,
         const std::vector<std::string>& systems, std::chrono::seconds limit) {
  SignalInbox signals;
  const auto field = gather_field(runners, systems, limit, signals);
  if (!field) return usage(field.error());
  if (field->signal) return kSignalled + *field->signal;
  for (const Remark& failure : field->failures) complain("bench: " + failure.reason);
  fmt::print("{}", listing(cases, *field));
  return std::fflush(stdout) == 0 && field->failures.empty() ? kSuccess : kFailure;
}

}  // namespace

BenchCommand::BenchCommand(CLI::App& program)
    : app_{program.add_subcommand("bench", "Measure this bus beside others")} {
  const auto add = [this](const char* flag, std::string& text, const char* what, const char* type) {
    return app_->add_option(flag, text, what)->type_name(type);
  };
  CLI::Option* const quick =
      app_->add_flag("--quick", quick_, "The chosen cases, under 3 minutes (the default)");
  app_->add_flag("--full", full_, "All cases, longer and more often")->excludes(quick);
  app_->add_option("--workload", workloads_, "Only this one; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app_->add_option("--system", systems_, "Only this one; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add("--rounds", rounds_, "Rounds besides the first; default 5, with --full 7", "N");
  add("--millis", millis_, "How long each run is timed; default 40, with --full 150", "N");
  app_->add_flag("--pin", pin_, "Tie worker i to processor i");
  add("--json", json_, "Write everything that was measured to FILE", "FILE");
  add("--markdown", markdown_, "Write tables to FILE", "FILE");
  add("--html", html_, "Write a page with charts to FILE", "FILE");
  add("--svg", svg_, "Write each chart as a file into DIR", "DIR");
  app_->add_flag("--list", list_, "Say what would be measured, and do not");
  add("--from", from_, "Report what an earlier --json FILE holds, and do not measure", "FILE");
  add("--runners", runners_, "Folder with the programs named runner_* (RONBUS_RUNNERS)", "DIR");
  add("--timeout", timeout_, "Give up a runner that takes longer for one run; default 60",
      "SECONDS");
  app_->footer(kBenchHelp);
}

int BenchCommand::run() const {
  const Outputs::Paths paths{.json = json_, .markdown = markdown_, .html = html_, .svg = svg_};
  if (app_->count("--from") > 0) return report(paths);
  constexpr std::uint64_t kMostRounds = 1000;
  constexpr std::uint64_t kMostMillis = 60'000;
  constexpr std::uint64_t kMostTimeout = 3600;
  const Extent extent = full_ ? kFullExtent : kQuickExtent;
  const auto rounds = number_of(*app_, "--rounds", rounds_, extent.rounds, kMostRounds);
  if (!rounds) return usage(rounds.error());
  const auto millis = number_of(*app_, "--millis", millis_, extent.millis, kMostMillis);
  if (!millis) return usage(millis.error());
  const auto timeout = number_of(*app_, "--timeout", timeout_, kUsualTimeout, kMostTimeout);
  if (!timeout) return usage(timeout.error());
  auto cases = chosen_cases(workloads_, full_);
  if (!cases) return usage(cases.error());
  const auto runners = find_runners(runners_);
  if (!runners) return usage(runners.error());
  const std::chrono::seconds limit{*timeout};
  if (list_) return list(*runners, *cases, systems_, limit);
  auto outputs = Outputs::open(paths);
  if (!outputs) return usage(outputs.error());

  const bool as_promised = !full_ && app_->count("--rounds") == 0 && app_->count("--millis") == 0;
  auto result = run_session({.runners = *runners,
                             .cases = std::move(*cases),
                             .systems = systems_,
                             .rounds = *rounds,
                             .millis = *millis,
                             .pinned = pin_,
                             .limit = limit,
                             .budget = as_promised ? std::optional{kQuickBudget} : std::nullopt});
  if (!result) return usage(result.error());
  result->report.command = command_line();
  const bool written = outputs->write(result->report);
  if (result->signal) return kSignalled + *result->signal;
  return written && result->report.failures.empty() ? kSuccess : kFailure;
}

int BenchCommand::report(const Outputs::Paths& paths) const {
  auto report = read_file(from_);
  if (!report) return usage(report.error());
  auto outputs = Outputs::open(paths);
  if (!outputs) return usage(outputs.error());
  return outputs->write(*report) ? kSuccess : kFailure;
}

}  // namespace ron::cli
