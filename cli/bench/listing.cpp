// SPDX-License-Identifier: MIT OR Apache-2.0
#include "listing.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ron::cli::bench {
namespace {

std::string systems_in(std::string_view workload, const Field& field) {
  std::vector<std::string_view> names;
  for (const Contender& contender : field.contenders) {
    const auto& workloads = contender.workloads;
    if (std::ranges::find(workloads, workload) != workloads.end()) {
      names.push_back(contender.system.name);
    }
  }
  return names.empty() ? "nobody" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string listing(std::span<const Case> cases, const Field& field) {
  std::string text = "Systems\n";
  for (const Contender& contender : field.contenders) {
    const System& system = contender.system;
    text += fmt::format("  {:<22} {}{}{}\n", system.name, system.label,
                        system.version.empty() ? "" : " ", system.version);
  }
  for (const Remark& remark : field.skipped) {
    text += fmt::format("  {:<22} skipped: {}\n", remark.system, remark.reason);
  }
  for (const std::string_view workload : workloads_of(cases)) {
    text += fmt::format("\n{}: {}\n", workload, systems_in(workload, field));
    for (const Case& entry : cases) {
      if (entry.workload != workload) continue;
      text += fmt::format("  {:<34} {}\n", entry.name, entry.parameters);
    }
  }
  return text;
}

}  // namespace ron::cli::bench
