// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "../chart/markup.hpp"
#include "../chart/quantity.hpp"
#include "parts.hpp"

namespace ron::cli::bench::page {
namespace {

using chart::Markup;
using chart::shown;
using chart::Unit;

std::string count_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string duration(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f}\u00a0s", seconds);
  return fmt::format("{:.0f}\u00a0min {:.0f}\u00a0s", std::floor(seconds / 60),
                     std::fmod(seconds, 60));
}

/// As "2026-11-21 12:00 UTC".
std::string day_and_time(std::string text) {
  if (text.size() == 20 && text[10] == 'T' && text.ends_with('Z')) {
    text = text.substr(0, 10) + ' ' + text.substr(11, 5) + " UTC";
  }
  return text;
}

void fact(Markup& html, std::string_view name, std::string_view value, bool code = false) {
  if (value.empty()) return;
  html.open("div");
  html.leaf("dt", {}, name);
  html.open("dd");
  if (code) {
    html.leaf("code", {}, value);
  } else {
    html.leaf("span", {}, value);
  }
  html.close();
  html.close();
}

/// The reason behind what is known of the place.
std::string described(const Remark& failure) {
  std::string place;
  for (const std::string* part : {&failure.system, &failure.workload, &failure.case_name}) {
    if (!part->empty()) place += (place.empty() ? "" : ", ") + *part;
  }
  return place.empty() ? failure.reason : place + ": " + failure.reason;
}

void failures(Markup& html, const Report& report) {
  html.leaf(
      "p", {},
      fmt::format("Without a figure because of {}:", count_of(report.failures.size(), "failure")));
  html.open("ul");
  for (const Remark& failure : report.failures) html.leaf("li", {}, described(failure));
  html.close();
}

}  // namespace

std::string facts(const Report& report) {
  const Machine& machine = report.machine;
  Markup html;
  html.open("dl", {{"class", "facts"}});
  fact(html, "Processor", fmt::format("{}, {}", machine.cpu, count_of(machine.cores, "core")));
  fact(html, "Memory", shown(Unit::Bytes, static_cast<double>(machine.memory_mib) * 1048576));
  fact(html, "Kernel", machine.kernel);
  fact(html, "Compiler", machine.compiler);
  fact(html, "Measured", day_and_time(report.started));
  fact(html, "Took", duration(report.seconds));
  fact(html, "Rounds",
       fmt::format("{}, after one to warm up; {}\u00a0ms a run; {}", report.rounds, report.millis,
                   report.pinned ? "pinned" : "not pinned"));
  fact(html, "Commit", report.commit, true);
  fact(html, "Command", report.command, true);
  html.close();
  return html.take();
}

std::string doubts(const Report& report) {
  if (report.noise.empty() && report.failures.empty() && !report.interrupted) return {};
  Markup html;
  html.open("aside", {{"class", "doubts"}});
  if (report.interrupted) {
    html.leaf("p", {}, "The run was interrupted: medians are over fewer rounds than were meant.");
  }
  if (!report.noise.empty()) {
    html.leaf("p", {}, "The machine was noisy: take differences with a grain of salt.");
    html.open("ul");
    for (const std::string& note : report.noise) html.leaf("li", {}, note);
    html.close();
  }
  if (!report.failures.empty()) failures(html, report);
  html.close();
  return html.take();
}

}  // namespace ron::cli::bench::page
