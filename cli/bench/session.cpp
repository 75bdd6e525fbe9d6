// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "../complain.hpp"
#include "answer.hpp"
#include "commit.hpp"
#include "field.hpp"
#include "insertion_sort.hpp"
#include "machine.hpp"
#include "noise.hpp"
#include "processor_use.hpp"
#include "progress.hpp"
#include "runner.hpp"
#include "samples.hpp"
#include "targets.hpp"

namespace ron::cli::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

/// For a runner to end after it was asked to.
constexpr milliseconds kTimeToQuit{2000};

std::vector<pid_t> groups_of(const std::vector<Runner>& runners) {
  std::vector<pid_t> groups;
  for (const Runner& runner : runners) {
    if (runner.is_alive()) groups.push_back(runner.group());
  }
  return groups;
}

class Session {
 public:
  Session(const SessionOptions& options, Field& field, Clock::time_point started_at)
      : options_{options}, field_{field}, started_at_{started_at}, use_{groups_of(field.runners)} {
    for (std::size_t i = 0; i < options.cases.size(); ++i) {
      for (std::size_t k = 0; k < field.contenders.size(); ++k) {
        const auto& workloads = field.contenders[k].workloads;
        if (std::ranges::find(workloads, options.cases[i].workload) != workloads.end()) {
          cells_.push_back({.case_number = i, .contender = k});
        }
      }
    }
  }

  void measure() {
    for (std::uint64_t round = 0; round <= options_.rounds && !signal_; ++round) {
      const auto begin = Clock::now();
      round_ = round;
      run_round();
      if (signal_) break;
      if (round == 0) {
        samples_.discard_round();
      } else {
        samples_.keep_round();
        complete_rounds_ = round;
      }
      std::erase_if(cells_, [this](Cell cell) { return !is_wanted(cell); });
      if (round > 0 && round < options_.rounds && !fits(Clock::now() - begin)) break;
    }
    progress_.erase();
    share_of_others_ = use_.share_of_others(groups_of(field_.runners));
  }

  [[nodiscard]] SessionResult result() {
    Report report;
    report.machine = this_machine();
    report.commit = kCommit;
    report.rounds = complete_rounds_;
    report.millis = options_.millis;
    report.pinned = options_.pinned;
    report.interrupted = signal_.has_value();
    report.skipped = std::move(field_.skipped);
    report.failures = std::move(field_.failures);
    for (const Contender& contender : field_.contenders) report.systems.push_back(contender.system);
    for (std::size_t i = 0; i < options_.cases.size(); ++i) {
      for (std::size_t k = 0; k < field_.contenders.size(); ++k) add_result(report, {i, k});
    }
    report.noise = notes_on_noise(report.results, share_of_others_);
    if (complete_rounds_ < options_.rounds && !signal_) {
      report.noise.push_back(fmt::format("only {} of {} rounds fitted into the time",
                                         complete_rounds_, options_.rounds));
    }
    report.targets = evaluate_targets(report);
    report.seconds = std::chrono::duration<double>{Clock::now() - started_at_}.count();
    return {.report = std::move(report), .signal = signal_};
  }

 private:
  /// Every case, and within it every contender, in turned order every other time.
  void run_round() {
    std::vector<Cell> cells = cells_;
    if (round_ % 2 == 1) {
      std::ranges::reverse(cells);
      insertion_sort(cells, {}, &Cell::case_number);
    }
    for (std::size_t i = 0; i < cells.size() && !signal_; ++i) {
      if (!is_wanted(cells[i])) continue;
      show_progress(cells[i], i, cells.size());
      run_cell(cells[i]);
    }
  }

  void run_cell(Cell cell) {
    const Case& entry = options_.cases[cell.case_number];
    Contender& contender = field_.contenders[cell.contender];
    const auto line = contender.runner->ask(
        fmt::format("run system={} workload={} {}{}millis={} pin={}", contender.system.name,
                    entry.workload, entry.parameters, entry.parameters.empty() ? "" : " ",
                    options_.millis, options_.pinned || always_pinned(entry) ? 1 : 0),
        options_.limit);
    if (!line) {
      if (line.error().signal) {
        signal_ = line.error().signal;
      } else {
        lose_runner(cell, line.error().reason);
      }
      return;
    }
    auto answer = read_answer(*line);
    if (!answer) {
      contender.runner->kill();
      lose_runner(cell, answer.error());
    } else if (auto* const values = std::get_if<Values>(&*answer)) {
      samples_.add(cell, std::move(*values));
    } else if (const auto* const unsupported = std::get_if<Unsupported>(&*answer)) {
      left_out_.insert(cell);
      field_.skipped.push_back(remark(cell, unsupported->reason));
    } else {
      fail(cell, std::get<Wrong>(*answer).reason);
    }
  }

  [[nodiscard]] bool is_wanted(Cell cell) const {
    return field_.contenders[cell.contender].runner->is_alive() && !left_out_.contains(cell);
  }

  [[nodiscard]] Remark remark(Cell cell, std::string reason) const {
    const Case& entry = options_.cases[cell.case_number];
    return {.system = field_.contenders[cell.contender].system.name,
            .workload = std::string{entry.workload},
            .case_name = std::string{entry.name},
            .reason = std::move(reason)};
  }

  void fail(Cell cell, std::string reason) {
    left_out_.insert(cell);
    samples_.drop(cell);
    Remark failure = remark(cell, std::move(reason));
    progress_.erase();
    complain(fmt::format("bench: {}, {} '{}': {}", failure.system, failure.workload,
                         failure.case_name, failure.reason));
    field_.failures.push_back(std::move(failure));
  }

  void lose_runner(Cell cell, std::string_view reason) {
    const Runner* const runner = field_.contenders[cell.contender].runner;
    fail(cell, fmt::format("{} {}", runner->name(), reason));
    for (const Contender& contender : field_.contenders) {
      if (contender.runner != runner) continue;
      field_.skipped.push_back({.system = contender.system.name,
                                .workload = "",
                                .case_name = "",
                                .reason = fmt::format("{} failed, {} rounds were complete",
                                                      runner->name(), complete_rounds_)});
    }
  }

  /// Whether another round that takes as long as the last one keeps within the budget.
  [[nodiscard]] bool fits(Clock::duration round) const {
    return !options_.budget || Clock::now() - started_at_ + round <= *options_.budget;
  }

  void show_progress(Cell cell, std::size_t done, std::size_t cells) {
    const auto per_round = static_cast<double>(cells);
    const auto all_rounds = static_cast<double>(options_.rounds + 1);
    const double share =
        (static_cast<double>(round_) + static_cast<double>(done) / per_round) / all_rounds;
    const std::chrono::duration<double> elapsed = Clock::now() - started_at_;
    std::optional<seconds> left;
    constexpr double kEnoughToTell = 0.01;
    if (share > kEnoughToTell) {
      left = std::chrono::ceil<seconds>(elapsed * ((1 - share) / share));
      if (options_.budget) {
        const auto most = std::chrono::ceil<seconds>(*options_.budget - elapsed);
        left = std::clamp(*left, seconds{0}, std::max(most, seconds{0}));
      }
    }
    const Case& entry = options_.cases[cell.case_number];
    const std::string round =
        round_ == 0 ? "warm-up" : fmt::format("round {} of {}", round_, options_.rounds);
    progress_.show(share,
                   fmt::format("{}, {} '{}', {}", round, entry.workload, entry.name,
                               field_.contenders[cell.contender].system.name),
                   left);
  }

  void add_result(Report& report, Cell cell) const {
    std::vector<Metric> metrics = samples_.metrics_of(cell);
    if (metrics.empty()) return;
    const Case& entry = options_.cases[cell.case_number];
    report.results.push_back({.workload = std::string{entry.workload},
                              .case_name = std::string{entry.name},
                              .system = field_.contenders[cell.contender].system.name,
                              .parameters = parameters_of(entry),
                              .metrics = std::move(metrics)});
  }

  const SessionOptions& options_;
  Field& field_;
  const Clock::time_point started_at_;
  const ProcessorUse use_;
  Progress progress_;
  std::vector<Cell> cells_;
  std::set<Cell> left_out_;
  Samples samples_;
  std::uint64_t round_ = 0;
  std::uint64_t complete_rounds_ = 0;
  double share_of_others_ = 0;
  std::optional<int> signal_;
};

/// What is skipped as a whole, a line for each reason.
void announce(const Field& field) {
  for (const Remark& failure : field.failures) complain("bench: " + failure.reason);
  std::map<std::string_view, std::vector<std::string_view>> systems;
  for (const Remark& remark : field.skipped) systems[remark.reason].push_back(remark.system);
  for (const auto& [reason, names] : systems) {
    complain(fmt::format("bench: skipping {}: {}", fmt::join(names, ", "), reason));
  }
}

}  // namespace

std::expected<SessionResult, std::string> run_session(const SessionOptions& options) {
  const auto started_at = Clock::now();
  const std::string started = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
  SignalInbox signals;
  auto field = gather_field(options.runners, options.systems, options.limit, signals);
  if (!field) return std::unexpected{field.error()};
  SessionResult result;
  if (field->signal) {
    result.report.interrupted = true;
    result.signal = field->signal;
  } else {
    announce(*field);
    Session session{options, *field, started_at};
    session.measure();
    result = session.result();
    for (Runner& runner : field->runners) {
      if (!result.signal) runner.quit(kTimeToQuit);
    }
  }
  result.report.started = started;
  return result;
}

}  // namespace ron::cli::bench
