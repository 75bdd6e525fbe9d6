// SPDX-License-Identifier: MIT OR Apache-2.0
#include "svg_files.hpp"

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

}  // namespace

std::vector<SvgFile> to_svg_files(const Report& report) {
  std::vector<SvgFile> files;
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
