// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "../chart/markup.hpp"
#include "../chart/quantity.hpp"
#include "../units.hpp"
#include "figures.hpp"
#include "names.hpp"
#include "parts.hpp"

namespace ron::cli::bench::page {
namespace {

using chart::Markup;
using chart::shown;

/// A table in a box that scrolls when the table is wider than the page.
void open_table(Markup& html, std::string_view style, std::string_view name) {
  html.open("div",
            {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", name}});
  html.open("table", {{"class", style}});
}

void close_table(Markup& html) {
  html.close();
  html.close();
}

void head(Markup& html, const std::vector<std::string>& columns, std::size_t words) {
  html.open("thead");
  html.open("tr");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    html.leaf("th", {{"scope", "col"}, {"class", i < words ? "" : "number"}}, columns[i]);
  }
  html.close();
  html.close();
}

void words_row(Markup& html, const std::vector<std::string>& cells) {
  html.open("tr");
  for (const std::string& cell : cells) html.leaf("td", {}, cell);
  html.close();
}

std::vector<std::string> metrics_of(const std::vector<Case>& cases) {
  std::vector<std::string> names;
  for (const Case& of : cases) {
    for (const Result* result : of.results) {
      for (const Metric& metric : result->metrics) {
        if (std::ranges::find(names, metric.name) == names.end()) names.push_back(metric.name);
      }
    }
  }
  return names;
}

void figure_cell(Markup& html, const Metric* metric) {
  if (metric == nullptr) {
    html.leaf("td", {{"class", "number none"}}, "–");
    return;
  }
  const auto value = [&](double number) { return shown(unit_of(metric->name), number); };
  html.open("td", {{"class", "number"}, {"data-value", fmt::format("{:.6g}", metric->median)}});
  html.leaf("b", {}, value(metric->median));
  const bool flat = value(metric->min) == value(metric->max);
  if (!flat) {
    html.leaf("small", {}, fmt::format("{} – {}", value(metric->q1), value(metric->q3)));
    html.leaf("small", {}, fmt::format("{} – {}", value(metric->min), value(metric->max)));
  }
  html.close();
}

}  // namespace

std::string figures_table(const Report& report, std::string_view workload) {
  const std::vector<Case> cases = cases_of(report, workload);
  const std::vector<std::string> metrics = metrics_of(cases);
  std::vector<std::string> columns{"case", "system"};
  for (const std::string& metric : metrics) columns.push_back(quantity_of(metric));
  Markup html;
  open_table(html, "figures sortable", fmt::format("All figures of {}", workload));
  head(html, columns, 2);
  html.open("tbody");
  for (const Case& of : cases) {
    for (const Result* result : of.results) {
      html.open("tr", {{"class", is_ours(result->system) ? "ours" : ""}});
      html.leaf("td", {}, shown_case(of.name));
      const bool broadcast = is_broadcast(report, result->system);
      html.leaf("th", {{"scope", "row"}}, broadcast ? result->system : result->system + " †");
      for (const std::string& metric : metrics) figure_cell(html, result->metric(metric));
      html.close();
    }
  }
  html.close();
  close_table(html);
  return html.take();
}

std::string systems_table(const Report& report) {
  Markup html;
  open_table(html, "words", "Systems");
  head(html, {"system", "what it is", "version", "runner", "delivers to"}, 5);
  html.open("tbody");
  for (const System& system : report.systems) {
    const std::string receivers = is_floor(system.name) ? "–"
                                  : system.broadcast    ? "every subscriber"
                                                        : "one of its receivers †";
    words_row(html, {system.name, system.label, system.version, system.runner, receivers});
  }
  html.close();
  close_table(html);
  return html.take();
}

std::string skipped_table(const Report& report) {
  if (report.skipped.empty()) return {};
  Markup html;
  open_table(html, "words", "Not measured");
  head(html, {"system", "workload", "case", "reason"}, 4);
  html.open("tbody");
  for (const Remark& remark : report.skipped) {
    words_row(html,
              {remark.system, remark.workload.empty() ? "all" : remark.workload,
               remark.case_name.empty() ? "all" : shown_case(remark.case_name), remark.reason});
  }
  html.close();
  close_table(html);
  return html.take();
}

}  // namespace ron::cli::bench::page
