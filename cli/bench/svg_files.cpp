// SPDX-License-Identifier: MIT OR Apache-2.0
#include "svg_files.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "chart/figure.hpp"
#include "page/figures.hpp"
#include "page/names.hpp"
#include "page/sections.hpp"

namespace ron::cli::bench {
namespace {

/// As wide as the text of a README.
constexpr double kWidth = 760;

std::string origin(const Report& report) {
  return fmt::format("{}, {} cores, commit {}, medians of {} rounds, quartiles and extremes",
                     report.machine.cpu, report.machine.cores, report.commit, report.rounds);
}

struct Choice {
  std::string_view workload;
  std::string_view case_name;  ///< left out if it was not measured
  std::string_view metric;
  std::string_view title;
};

/// What most readers want to know first.
constexpr std::array kOverview{
    Choice{"throughput", "1 idle", "ns_per_publish", "Publish, one idle subscriber"},
    Choice{"latency_service", "capacity 1024", "ns_per_receive", "Receive from a full ring"},
    Choice{"ab_compare", "8 subscribers, capacity 1024", "deliveries_per_s",
           "Flat out to 8 subscribers"},
    Choice{"gated", "1x1 one by one", "deliveries_per_s", "Nothing lost, one to one"},
};

std::optional<SvgFile> overview(const Report& report) {
  std::vector<chart::Titled> charts;
  std::string description;
  for (const Choice& choice : kOverview) {
    const std::vector<page::Case> cases = page::cases_of(report, choice.workload);
    const auto found = std::ranges::find(cases, choice.case_name, &page::Case::name);
    if (found == cases.end()) continue;
    const auto figure = page::bars(report, *found, choice.metric);
    if (!figure) continue;
    charts.push_back({.title = std::string{choice.title}, .drawing = draw(*figure)});
    description += fmt::format("{}: {} ", choice.title, described(*figure));
  }
  if (charts.empty()) return std::nullopt;
  return SvgFile{.name = "overview.svg",
                 .content = standalone(chart::arranged(charts, 2), "ron-bus, measured",
                                       origin(report), description)};
}

}  // namespace

std::vector<SvgFile> to_svg_files(const Report& report) {
  std::vector<SvgFile> files;
  if (auto file = overview(report)) files.push_back(std::move(*file));
  for (const page::Section& section : page::sections_of(report)) {
    for (const page::Panel& panel : section.panels) {
      for (const auto* figures : {&panel.figures, &panel.more}) {
        for (const page::Figure& figure : *figures) {
          const std::string title = fmt::format("{}: {}", section.title, panel.title);
          files.push_back({.name = page::slug(fmt::format("{} {} {}", section.workload, panel.title,
                                                          figure.metric)) +
                                   ".svg",
                           .content = standalone(draw(figure, kWidth), title, origin(report),
                                                 described(figure))});
        }
      }
    }
  }
  return files;
}

}  // namespace ron::cli::bench
