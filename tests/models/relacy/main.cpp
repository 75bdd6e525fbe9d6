// SPDX-License-Identifier: MIT OR Apache-2.0
//
//   models --list       names of all models, with their sizes
//   models NAME...      runs these; without a name, all
//   models --sites NAME...               also prints which sites of mutants they reach
//   models --mutant SITE ORDER NAME...   with that order there instead of its own
//
// A line for each model; exit code 1 if one of them does not hold.

#include <algorithm>
#include <iostream>
#include <span>
#include <string_view>

#include "model.hpp"

namespace {

std::memory_order order_named(std::string_view name) {
  if (name == "acq_rel") return std::memory_order_acq_rel;
  if (name == "acquire") return std::memory_order_acquire;
  if (name == "release") return std::memory_order_release;
  return std::memory_order_relaxed;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string_view> names{argv + 1, argv + argc};
  auto all = models::Registered::all();
  std::ranges::sort(all, {}, &models::Registered::name);
  if (names == std::vector<std::string_view>{"--list"}) {
    for (const auto* model : all) {
      std::cout << (model->quick ? "quick " : "full ") << model->name << '\n';
    }
    return 0;
  }
  const bool tells_sites = !names.empty() && names.front() == "--sites";
  if (tells_sites) names.erase(names.begin());
  if (names.size() > 2 && names.front() == "--mutant") {
    ron::model::broken = static_cast<unsigned>(std::stoul(std::string{names[1]}));
    ron::model::broken_order = order_named(names[2]);
    names.erase(names.begin(), names.begin() + 3);
  }
  for (const std::string_view name : names) {
    if (std::ranges::find(all, name, &models::Registered::name) == all.end()) {
      std::cerr << "models: there is no model '" << name << "'; --list shows them\n";
      return 2;
    }
  }
  bool held = true;
  for (const auto* model : all) {
    if (!names.empty() && std::ranges::find(names, model->name) == names.end()) continue;
    const models::Outcome outcome = model->run();
    std::cout << model->name << ": " << (outcome.held ? "holds" : "FAILS") << ", "
              << outcome.executions << " executions (" << outcome.how << ")\n"
              << outcome.story << std::flush;
    held &= outcome.held;
  }
  if (tells_sites) {
    std::cout << "sites:";
    for (unsigned site = 0; site < ron::model::kSites; ++site) {
      if (ron::model::reached[site]) std::cout << ' ' << site;
    }
    std::cout << '\n';
  }
  return held ? 0 : 1;
}
