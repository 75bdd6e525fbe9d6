// SPDX-License-Identifier: MIT OR Apache-2.0
#include "markdown.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "insertion_sort.hpp"
#include "units.hpp"

namespace ron::cli::bench {
namespace {

/// Text that could end a cell or begin something else.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view{"|\\`*_<>[]"}.contains(c)) result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result;
}

std::string place(const Remark& remark) {
  std::vector<std::string> parts;
  for (const std::string* const part : {&remark.system, &remark.workload, &remark.case_name}) {
    if (!part->empty()) parts.push_back(escaped(*part));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string heading_of(const Report& report) {
  std::string text = fmt::format(
      "# ronbus bench\n\n"
      "`{}`: {}, {} processors, {} MiB, {}, {}{}; {}, {:.0f} s. Medians of {} rounds of {} ms{}, "
      "quartiles in brackets.\n",
      report.command, escaped(report.machine.cpu), report.machine.cores, report.machine.memory_mib,
      escaped(report.machine.kernel), escaped(report.machine.compiler),
      report.commit.empty() ? "" : ", commit " + report.commit, report.started, report.seconds,
      report.rounds, report.millis, report.pinned ? ", pinned" : "");
  if (report.interrupted) text += "\n**Interrupted:** more rounds were meant to come.\n";
  if (!report.noise.empty()) {
    text += "\n**Noise:**\n\n";
    for (const std::string& note : report.noise) text += fmt::format("- {}\n", escaped(note));
  }
  return text;
}

std::string remarks(std::string_view title, const std::vector<Remark>& remarks) {
  if (remarks.empty()) return {};
  std::string text = fmt::format("\n## {}\n\n", title);
  for (const Remark& remark : remarks) {
    const std::string where = place(remark);
    text += fmt::format("- {}{}{}\n", where, where.empty() ? "" : ": ", escaped(remark.reason));
  }
  return text;
}

std::string targets(const Report& report) {
  std::string rows;
  std::size_t unknown = 0;
  for (const Target& target : report.targets) {
    if (!target.value) {
      ++unknown;
      continue;
    }
    rows += fmt::format("| {} | {:.2f} | {} {} | {} | {}, {} |\n", escaped(target.claim),
                        *target.value, target.relation == ">=" ? "≥" : "≤", target.limit,
                        target.met == true ? "met" : "**missed**", escaped(target.against.system),
                        escaped(target.of.case_name));
  }
  std::string text;
  if (!rows.empty()) {
    text =
        "\n## Targets\n\n| claim | measured | target | | against, where "
        "|\n|---|--:|--:|---|---|\n" +
        rows;
  }
  if (unknown > 0) text += fmt::format("\n{} targets were not measured.\n", unknown);
  return text;
}

std::string cell(const Result& result, const std::string& metric) {
  const Metric* const found = result.metric(metric);
  if (found == nullptr) return "";
  if (found->samples.size() < 2 || found->q1 == found->q3) return shown(metric, found->median);
  return fmt::format("{} ({} – {})", shown(metric, found->median), shown(metric, found->q1),
                     shown(metric, found->q3));
}

std::string shown_system(const Report& report, const std::string& name) {
  const auto system = std::ranges::find(report.systems, name, &System::name);
  const bool to_one = system != report.systems.end() && !system->broadcast;
  return to_one ? name + " (each message to one)" : name;
}

/// Best first, by the first metric that all have.
std::vector<const Result*> ranked(std::vector<const Result*> results, const std::string& metric) {
  insertion_sort(results, [&metric](const Result* left, const Result* right) {
    const Metric* const a = left->metric(metric);
    const Metric* const b = right->metric(metric);
    if (a == nullptr || b == nullptr) return a != nullptr && b == nullptr;
    return less_is_better(metric) ? a->median < b->median : a->median > b->median;
  });
  return results;
}

std::string table(const Report& report, const std::string& workload) {
  std::vector<std::string> metrics;
  std::vector<std::string> cases;
  for (const Result& result : report.results) {
    if (result.workload != workload) continue;
    if (cases.empty() || cases.back() != result.case_name) cases.push_back(result.case_name);
    for (const Metric& metric : result.metrics) {
      if (std::ranges::find(metrics, metric.name) == metrics.end()) metrics.push_back(metric.name);
    }
  }
  insertion_sort(metrics, {}, [](const std::string& name) { return rank(name); });

  std::string text = fmt::format("\n## {}\n\n| case | system |", escaped(workload));
  for (const std::string& metric : metrics) text += fmt::format(" {} |", heading(metric));
  text += "\n|---|---|";
  for (std::size_t i = 0; i < metrics.size(); ++i) text += "--:|";
  text += '\n';
  for (const std::string& name : cases) {
    std::vector<const Result*> results;
    for (const Result& result : report.results) {
      if (result.workload == workload && result.case_name == name) results.push_back(&result);
    }
    std::string shown_case = escaped(name);
    for (const Result* const result : ranked(results, results.front()->metrics.front().name)) {
      text += fmt::format("| {} | {} |", shown_case, escaped(shown_system(report, result->system)));
      for (const std::string& metric : metrics) text += fmt::format(" {} |", cell(*result, metric));
      text += '\n';
      shown_case.clear();
    }
  }
  return text;
}

}  // namespace

std::string to_markdown(const Report& report) {
  std::string text = heading_of(report);
  text += remarks("Failures", report.failures);
  text += targets(report);
  std::vector<std::string> workloads;
  for (const Result& result : report.results) {
    if (std::ranges::find(workloads, result.workload) != workloads.end()) continue;
    workloads.push_back(result.workload);
    text += table(report, result.workload);
  }
  text += remarks("Not measured", report.skipped);
  return text;
}

}  // namespace ron::cli::bench
