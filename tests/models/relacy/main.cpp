// SPDX-License-Identifier: MIT OR Apache-2.0
//
//   models --list       sizes, names and sources of all models
//   models NAME...      runs these; without a name, all
//
// A line for each model; exit code 1 if one of them does not hold.

#include <algorithm>
#include <iostream>
#include <span>
#include <string_view>

#include "model.hpp"

int main(int argc, char** argv) {
  std::vector<std::string_view> names{argv + 1, argv + argc};
  auto all = models::Registered::all();
  std::ranges::sort(all, {}, &models::Registered::name);
  if (names == std::vector<std::string_view>{"--list"}) {
    for (const auto* model : all) {
      std::cout << (model->quick ? "quick " : "full ") << model->name << ' ' << model->source
                << '\n';
    }
    return 0;
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
  return held ? 0 : 1;
}
