// SPDX-License-Identifier: MIT OR Apache-2.0
#include "sections.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "names.hpp"

namespace ron::cli::bench::page {
namespace {

struct Workload {
  std::string_view name;
  std::string_view title;
  std::string_view text;
};

constexpr std::array kWorkloads{
    Workload{"throughput", "Publishing",
             "One thread publishes one by one while subscribers exist and do not read."},
    Workload{"latency_service", "Receiving",
             "One thread drains a full ring one by one; only the draining is timed."},
    Workload{
        "latency", "Latency",
        "From just before publishing until the receiver has the message. The publisher keeps a "
        "fixed pace; receivers poll, sleep, or are tasks."},
    Workload{"slo", "Under load",
             "Latency with four sleeping receivers at a fixed rate of messages; each drains what "
             "is there when it "
             "wakes."},
    Workload{"overflow", "Overflow",
             "Nobody reads, so that everything overflows; then one receive has to say exactly how "
             "much was missed."},
    Workload{
        "bus_publish", "Bursts",
        "One thread publishes burst after burst while subscribers drain on threads of their own: "
        "“256 to 4” is bursts of 256 to 4 subscribers. What a slow subscriber misses is lost, and "
        "shown beside the rate."},
    Workload{
        "ab_compare", "Flat out",
        "10 000 messages an iteration, published as fast as possible while subscribers drain and "
        "go on after every loss. What is lost is shown beside the rate."},
    Workload{"gated", "Nothing lost",
             "All publish and receive as fast as they can, and publishers wait for the slowest "
             "subscriber."},
    Workload{"fanout_scaling", "Scaling",
             "What more subscribers, more publishers, and subscribers that come and go cost."},
    Workload{"payloads", "Payloads",
             "One thread in turns: 64 messages published, 64 received by value."},
    Workload{"construct", "Memory",
             "Construction, too: a bus and one subscriber made and destroyed, and what they hold."},
    Workload{"floors", "Floors", "What no bus can beat on this machine, measured in the same run."},
};

void add(std::vector<Figure>& figures, std::optional<Figure> figure) {
  if (figure) figures.push_back(std::move(*figure));
}

void add(std::vector<Panel>& panels, Panel panel) {
  if (!panel.figures.empty()) panels.push_back(std::move(panel));
}

/// All metrics that some result of the case has, in their order.
std::vector<std::string> metrics_of(const Case& of) {
  std::vector<std::string> names;
  for (const Result* result : of.results) {
    for (const Metric& metric : result->metrics) {
      if (std::ranges::find(names, metric.name) == names.end()) names.push_back(metric.name);
    }
  }
  return names;
}

/// A chart for each metric; the loss is beside the rates already.
Panel plain_panel(const Report& report, const Case& of) {
  Panel panel{.title = shown_case(of.name), .figures = {}, .more = {}};
  for (const std::string& metric : metrics_of(of)) {
    if (metric != "lost_share") add(panel.figures, bars(report, of, metric));
  }
  return panel;
}

/// Deliveries first, because a publisher whose messages are lost is fast for nothing.
Panel lossy_panel(const Report& report, const Case& of) {
  Panel panel{.title = shown_case(of.name), .figures = {}, .more = {}};
  add(panel.figures, bars(report, of, "deliveries_per_s"));
  add(panel.figures.empty() ? panel.figures : panel.more, bars(report, of, "publishes_per_s"));
  return panel;
}

Panel gated_panel(const Report& report, const Case& of) {
  Panel panel{.title = shown_case(of.name), .figures = {}, .more = {}};
  add(panel.figures, bars(report, of, "deliveries_per_s"));
  return panel;
}

Panel latency_panel(const Report& report, const Case& of) {
  Panel panel{.title = shown_case(of.name), .figures = {}, .more = {}};
  add(panel.figures, percentiles(report, of));
  add(panel.more, bars(report, of, "p50_ns"));
  add(panel.more, bars(report, of, "p95_ns"));
  add(panel.more, bars(report, of, "p99_ns"));
  add(panel.more, bars(report, of, "deliveries_per_s"));
  return panel;
}

/// A panel for each figure of a panel.
std::vector<Panel> spread_out(Panel panel) {
  std::vector<Panel> panels;
  for (auto* const figures : {&panel.figures, &panel.more}) {
    for (Figure& figure : *figures) {
      Panel single{.title = fmt::format("{}: {}", panel.title, quantity_of(figure)),
                   .figures = {},
                   .more = {}};
      single.figures.push_back(std::move(figure));
      panels.push_back(std::move(single));
    }
  }
  return panels;
}

/// Curves where there is more than one count, bars otherwise.
std::vector<Panel> scaling_panels(const Report& report, std::span<const Case> cases) {
  static constexpr std::array<std::string_view, 1> kIdle{"ns_per_publish"};
  static constexpr std::array<std::string_view, 3> kDraining{"deliveries_per_s", "publishes_per_s",
                                                             "lost_share"};
  static constexpr std::array<std::string_view, 1> kPublishers{"publishes_per_s"};
  struct Kind {
    std::string_view name;
    std::string_view parameter;
    std::string_view title;
    std::span<const std::string_view> metrics;
  };
  const std::array kinds{
      Kind{"idle", "subscribers", "Idle subscribers", kIdle},
      Kind{"draining", "subscribers", "Draining subscribers", kDraining},
      Kind{"publishers", "publishers", "Publishers, nobody reads", kPublishers},
  };
  std::vector<Panel> panels;
  const auto kind_of = [](const Case& of) { return parameter(*of.results.front(), "kind"); };
  for (const Kind& kind : kinds) {
    const auto is_on_curve = [&](const Case& of) {
      const bool single = parameter(*of.results.front(), "publishers") == "1";
      return kind_of(of) == kind.name && (single || kind.name != "draining");
    };
    std::vector<Case> own;
    std::ranges::copy_if(cases, std::back_inserter(own), is_on_curve);
    const std::size_t before = panels.size();
    for (const std::string_view metric : kind.metrics) {
      Panel panel{.title = std::string{kind.title}, .figures = {}, .more = {}};
      add(panel.figures, scaling(report, own, kind.parameter, metric));
      add(panels, std::move(panel));
    }
    const bool is_curve = panels.size() != before;
    for (const Case& of : cases) {
      if (kind_of(of) == kind.name && !(is_curve && is_on_curve(of))) {
        std::ranges::move(spread_out(plain_panel(report, of)), std::back_inserter(panels));
      }
    }
  }
  for (const Case& of : cases) {
    if (std::ranges::find(kinds, kind_of(of), &Kind::name) == kinds.end()) {
      std::ranges::move(spread_out(plain_panel(report, of)), std::back_inserter(panels));
    }
  }
  return panels;
}

std::vector<Panel> floor_panels(const Report& report, std::span<const Case> cases) {
  std::vector<Panel> panels;
  Panel times{.title = "Times", .figures = {}, .more = {}};
  add(times.figures, floors(report));
  add(panels, std::move(times));
  for (const Case& of : cases) add(panels, gated_panel(report, of));
  return panels;
}

/// The sweep of the flush threshold is a curve.
std::vector<Panel> burst_panels(const Report& report, std::span<const Case> cases) {
  std::vector<Case> sweep;
  std::vector<Panel> panels;
  for (const Case& of : cases) {
    if (parameter(*of.results.front(), "flush").empty()) {
      add(panels, lossy_panel(report, of));
    } else {
      sweep.push_back(of);
    }
  }
  Panel curve{.title = "Flush threshold", .figures = {}, .more = {}};
  add(curve.figures, scaling(report, sweep, "flush", "deliveries_per_s"));
  add(curve.more, scaling(report, sweep, "flush", "publishes_per_s"));
  if (curve.figures.empty()) {
    for (const Case& of : sweep) add(panels, lossy_panel(report, of));
  }
  add(panels, std::move(curve));
  return panels;
}

std::vector<Panel> panels_of(const Report& report, std::string_view workload) {
  const std::vector<Case> cases = cases_of(report, workload);
  if (workload == "fanout_scaling") return scaling_panels(report, cases);
  if (workload == "bus_publish") return burst_panels(report, cases);
  if (workload == "floors") return floor_panels(report, cases);
  std::vector<Panel> panels;
  for (const Case& of : cases) {
    if (workload == "latency" || workload == "slo") {
      add(panels, latency_panel(report, of));
    } else if (workload == "ab_compare") {
      add(panels, lossy_panel(report, of));
    } else if (workload == "gated") {
      add(panels, gated_panel(report, of));
    } else {
      add(panels, plain_panel(report, of));
    }
  }
  return panels;
}

}  // namespace

std::vector<Section> sections_of(const Report& report) {
  std::vector<Section> sections;
  const auto add_section = [&](std::string_view name, std::string_view title,
                               std::string_view text) {
    std::vector<Panel> panels = panels_of(report, name);
    if (panels.empty()) return;
    if (panels.size() == 1 && panels.front().figures.size() + panels.front().more.size() > 1) {
      panels = spread_out(std::move(panels.front()));
    }
    sections.push_back({.workload = std::string{name},
                        .title = std::string{title},
                        .text = std::string{text},
                        .panels = std::move(panels)});
  };
  for (const Workload& workload : kWorkloads) {
    add_section(workload.name, workload.title, workload.text);
  }
  std::vector<std::string_view> others;
  for (const Result& result : report.results) {
    const bool known =
        std::ranges::find(kWorkloads, result.workload, &Workload::name) != kWorkloads.end();
    if (known || std::ranges::find(others, result.workload) != others.end()) continue;
    others.emplace_back(result.workload);
    add_section(result.workload, result.workload, "");
  }
  return sections;
}

}  // namespace ron::cli::bench::page
