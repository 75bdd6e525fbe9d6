// SPDX-License-Identifier: MIT OR Apache-2.0
#include "html_report.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "assets.hpp"
#include "chart/figure.hpp"
#include "chart/markup.hpp"
#include "chart/scale.hpp"
#include "chart/theme.hpp"
#include "page/names.hpp"
#include "page/parts.hpp"
#include "page/sections.hpp"

namespace ron::cli::bench {
namespace {

using chart::Markup;
using page::Figure;
using page::Panel;
using page::Section;

/// Of a section, before the reader asks for more.
constexpr std::size_t kShownPanels = 9;

void head(Markup& html) {
  html.open("head");
  html.leaf("meta", {{"charset", "utf-8"}});
  html.leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.leaf("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  html.leaf("title", {}, "ron-bus, measured");
  html.leaf("link", {{"rel", "icon"}, {"href", "data:,"}});
  html.open("style");
  html.raw(chart::theme_css());
  html.raw(assets::chart_css());
  html.raw(assets::page_css());
  html.close();
  html.close();
}

/// For each heading of the page its anchor.
void navigation(Markup& html, const Report& report, const std::vector<Section>& sections) {
  const auto link = [&](std::string_view anchor, std::string_view text) {
    html.leaf("a", {{"href", fmt::format("#{}", anchor)}}, text);
  };
  html.open("nav", {{"aria-label", "Sections"}});
  if (!report.targets.empty()) link("targets", "Targets");
  for (const Section& section : sections) link(page::slug(section.workload), section.title);
  link("systems", "Systems");
  if (!report.skipped.empty()) link("skipped", "Not measured");
  html.close();
}

void top(Markup& html, const Report& report) {
  html.open("header");
  html.open("div", {{"class", "title"}});
  html.leaf("h1", {}, "ron-bus, measured");
  html.leaf("button", {{"type", "button"}, {"id", "theme"}, {"hidden", "hidden"}}, "Dark");
  html.close();
  html.leaf("p", {{"class", "lead"}},
            "A bounded, lossy, lag-accounted in-process broadcast bus beside the systems one would "
            "otherwise pick: same messages, same patterns, same machine, same run.");
  html.raw(page::facts(report));
  html.raw(page::doubts(report));
  html.close();
}

void reading(Markup& html) {
  html.open("p", {{"class", "hint reading"}});
  html.raw(chart::escaped(fmt::format(
      "How to read the charts: bars and points are medians over the rounds, the box is from the "
      "lower to the upper quartile, the thin line reaches from the smallest to the largest round. "
      "The best is on top. Values more than {:.0f} times apart get a logarithmic scale, which is "
      "said. Dashed lines are floors, measured in the same run. † shares its messages among its "
      "receivers instead of broadcasting them.",
      chart::kLinearSpan)));
  html.close();
}

void figure(Markup& html, const Section& section, const Panel& panel, const Figure& of) {
  html.raw(inlined(draw(of), fmt::format("{}: {}", section.title, panel.title), described(of)));
}

void panel_card(Markup& html, const Section& section, const Panel& panel) {
  html.open("article", {{"class", "card"}});
  html.leaf("h3", {}, panel.title);
  for (const Figure& of : panel.figures) figure(html, section, panel, of);
  if (!panel.more.empty()) {
    html.open("details");
    html.leaf("summary", {}, "More of this case");
    for (const Figure& of : panel.more) figure(html, section, panel, of);
    html.close();
  }
  html.close();
}

void workload(Markup& html, const Report& report, const Section& section) {
  html.open("section", {{"id", page::slug(section.workload)}});
  html.open("h2");
  html.raw(chart::escaped(section.title));
  if (section.title != section.workload) html.leaf("code", {}, section.workload);
  html.close();
  if (!section.text.empty()) html.leaf("p", {{"class", "hint"}}, section.text);
  html.open("div", {{"class", "cards"}});
  const std::size_t shown = std::min(section.panels.size(), kShownPanels);
  for (std::size_t i = 0; i < shown; ++i) panel_card(html, section, section.panels[i]);
  html.close();
  if (const std::size_t rest = section.panels.size() - shown; rest > 0) {
    html.open("details", {{"class", "all"}});
    html.leaf("summary", {}, fmt::format("{} more case{}", rest, rest == 1 ? "" : "s"));
    html.open("div", {{"class", "cards"}});
    for (std::size_t i = shown; i < section.panels.size(); ++i) {
      panel_card(html, section, section.panels[i]);
    }
    html.close();
    html.close();
  }
  html.open("details", {{"class", "all"}});
  html.leaf("summary", {}, "All figures");
  html.leaf("p", {{"class", "hint"}},
            "Median, below it the quartiles, below them the extremes. A click on a heading sorts.");
  html.raw(page::figures_table(report, section.workload));
  html.close();
  html.close();
}

void listing(Markup& html, std::string_view anchor, std::string_view title,
             const std::string& table) {
  if (table.empty()) return;
  html.open("section", {{"id", anchor}});
  html.leaf("h2", {}, title);
  html.raw(table);
  html.close();
}

}  // namespace

std::string to_html(const Report& report) {
  const std::vector<Section> sections = page::sections_of(report);
  Markup html;
  html.raw("<!DOCTYPE html>\n");
  html.open("html", {{"lang", "en"}});
  head(html);
  html.open("body");
  top(html, report);
  navigation(html, report, sections);
  html.open("main");
  html.raw(page::targets(report));
  reading(html);
  for (const Section& section : sections) workload(html, report, section);
  listing(html, "systems", "Systems", page::systems_table(report));
  listing(html, "skipped", "Not measured", page::skipped_table(report));
  html.close();
  html.open("script");
  html.raw(assets::page_js());
  html.close();
  html.close();
  html.close();
  return html.take() + "\n";
}

}  // namespace ron::cli::bench
