// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "../chart/bullet.hpp"
#include "../chart/markup.hpp"
#include "../chart/quantity.hpp"
#include "names.hpp"
#include "parts.hpp"

namespace ron::cli::bench::page {
namespace {

using chart::Markup;
using chart::shown_quotient;

constexpr double kBulletWidth = 160;

struct Verdict {
  std::string_view style;
  std::string_view mark;
  std::string_view word;
};

Verdict verdict_of(const Target& target) {
  if (!target.met) return {.style = "unknown", .mark = "?", .word = "not measured"};
  if (*target.met) return {.style = "met", .mark = "✓", .word = "met"};
  return {.style = "missed", .mark = "✗", .word = "missed"};
}

std::string figure_at(const Report& report, const Place& place) {
  const Result* const result = report.result(place.workload, place.case_name, place.system);
  const Metric* const metric = result == nullptr ? nullptr : result->metric(place.metric);
  if (metric == nullptr) return {};
  return chart::shown(unit_of(place.metric), metric->median);
}

/// Where the quotient comes from, as "gated, 1x1: ron-bus 45.1 M/s, disruptor 12.2 M/s".
std::string source_of(const Report& report, const Target& target) {
  const Place& of = target.of;
  const Place& against = target.against;
  if (of.workload.empty()) return {};
  std::string text = fmt::format("{}, {}: {} {}", of.workload, shown_case(of.case_name), of.system,
                                 figure_at(report, of));
  if (against.workload.empty()) return text;
  text += ", ";
  if (against.workload != of.workload || against.case_name != of.case_name) {
    text += fmt::format("{}, {}: ", against.workload, shown_case(against.case_name));
  }
  return text + fmt::format("{} {}", against.system, figure_at(report, against));
}

void item(Markup& html, const Report& report, const Target& target) {
  const Verdict verdict = verdict_of(target);
  const bool at_most = target.relation == "<=";
  html.open("li", {{"class", verdict.style}});
  html.open("span", {{"class", "verdict"}});
  html.leaf("span", {{"class", "mark"}, {"aria-hidden", "true"}}, verdict.mark);
  html.leaf("span", {}, verdict.word);
  html.close();
  html.open("span", {{"class", "claim"}});
  html.leaf("span", {}, target.claim);
  if (target.value) html.leaf("small", {}, source_of(report, target));
  html.close();
  html.leaf("span", {{"class", "quotient"}}, target.value ? shown_quotient(*target.value) : "–");
  html.leaf("span", {{"class", "aim"}},
            fmt::format("{} {}", at_most ? "≤" : "≥", chart::shown_aim(target.limit)));
  html.open("span", {{"class", "bullet"}});
  if (target.value && *target.value > 0 && target.limit > 0) {
    const double quotient = at_most ? target.limit / *target.value : *target.value / target.limit;
    html.raw(
        inlined(chart::draw_bullet(quotient, kBulletWidth), "Distance from the aim",
                fmt::format("{} where {} {} is the aim", shown_quotient(*target.value),
                            at_most ? "at most" : "at least", chart::shown_aim(target.limit))));
  }
  html.close();
  html.close();
}

}  // namespace

std::string targets(const Report& report) {
  if (report.targets.empty()) return {};
  const auto count = [&](std::string_view style) {
    return std::ranges::count(report.targets, style,
                              [](const Target& target) { return verdict_of(target).style; });
  };
  Markup html;
  html.open("section", {{"id", "targets"}});
  html.leaf("h2", {}, "Targets");
  html.open("p", {{"class", "tally"}});
  html.leaf("strong", {}, fmt::format("{} of {} met", count("met"), report.targets.size()));
  if (const auto missed = count("missed")) {
    html.leaf("span", {{"class", "missed"}}, fmt::format("✗ {} missed", missed));
  }
  if (const auto unknown = count("unknown")) {
    html.leaf("span", {{"class", "unknown"}}, fmt::format("? {} not measured", unknown));
  }
  html.close();
  html.leaf("p", {{"class", "hint"}},
            "Quotients of medians of this run. The bar starts at the aim and grows to the right as "
            "far as it is surpassed, to the left as far as it is missed; its ends are ten times.");
  html.open("ul", {{"class", "targets"}});
  for (const Target& target : report.targets) item(html, report, target);
  html.close();
  html.close();
  return html.take();
}

}  // namespace ron::cli::bench::page
