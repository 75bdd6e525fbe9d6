// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/serve.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <istream>
#include <iterator>
#include <ostream>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/check.hpp"

namespace ron::bench {
namespace {

using Json = nlohmann::ordered_json;

/// All that docs/BENCHMARKS.md knows, so that a system without one of them can say so.
constexpr std::array<std::string_view, 12> kWorkloads{
    "throughput", "latency_service", "latency",        "slo",      "overflow",  "bus_publish",
    "ab_compare", "gated",           "fanout_scaling", "payloads", "construct", "floors"};

Json list(const std::string& runner, const std::vector<RunnableSystem>& systems) {
  Json entries = Json::array();
  for (const RunnableSystem& system : systems) {
    Json workloads = Json::array();
    for (const Runnable& runnable : system.workloads) workloads.push_back(runnable.workload);
    entries.push_back({{"name", system.name},
                       {"label", system.label},
                       {"version", system.version},
                       {"workloads", std::move(workloads)}});
  }
  return {{"runner", runner}, {"systems", std::move(entries)}};
}

const RunnableSystem& system_of(const std::vector<RunnableSystem>& systems,
                                const std::string& name) {
  const auto found = std::ranges::find(systems, name, &RunnableSystem::name);
  if (found != systems.end()) return *found;
  std::vector<std::string> names;
  for (const RunnableSystem& system : systems) names.push_back(system.name);
  throw BadRequest{fmt::format("system={}: none of {}", name, listed(names))};
}

const Runnable& runnable_of(const RunnableSystem& system, const std::string& workload) {
  const auto found = std::ranges::find(system.workloads, workload, &Runnable::workload);
  if (found != system.workloads.end()) return *found;
  if (std::ranges::find(kWorkloads, workload) != kWorkloads.end()) {
    throw Unsupported{fmt::format("{} has no part in {}", system.name, workload)};
  }
  throw BadRequest{fmt::format("workload={}: none of {}", workload,
                               listed({kWorkloads.begin(), kWorkloads.end()}))};
}

Json run(const std::vector<RunnableSystem>& systems, const std::vector<std::string>& arguments) {
  try {
    Words words{arguments};
    const RunnableSystem& system = system_of(systems, words.take("system"));
    const Runnable& runnable = runnable_of(system, words.take("workload"));
    Json metrics = Json::object();
    for (const auto& [name, value] : runnable.run(words)) metrics[name] = value;
    return {{"ok", true}, {"metrics", std::move(metrics)}};
  } catch (const Unsupported& reason) {
    return {{"ok", false}, {"unsupported", reason.what()}};
  } catch (const std::exception& error) {
    return {{"ok", false}, {"error", error.what()}};
  }
}

}  // namespace

std::string answer(const std::string& runner, const std::vector<RunnableSystem>& systems,
                   const std::string& line) {
  std::istringstream text{line};
  const std::vector<std::string> words{std::istream_iterator<std::string>{text}, {}};
  const std::string verb = words.empty() ? "" : words.front();
  Json json;
  if (verb == "run") {
    json = run(systems, {words.begin() + 1, words.end()});
  } else if ((verb == "list" || verb == "quit") && words.size() == 1) {
    if (verb == "quit") return {};
    json = list(runner, systems);
  } else {
    const std::string& wrong =
        words.size() > 1 && (verb == "list" || verb == "quit") ? words[1] : verb;
    json = {
        {"ok", false},
        {"error", fmt::format("'{}': expected list, run system=... workload=..., or quit", wrong)}};
  }
  // A line may hold bytes that are no text; its answer names them as well as can be.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void serve(const std::string& runner, const std::vector<RunnableSystem>& systems, std::istream& in,
           std::ostream& out) {
  for (std::string line; std::getline(in, line);) {
    const std::string text = answer(runner, systems, line);
    if (text.empty()) return;
    out << text << '\n' << std::flush;
  }
}

}  // namespace ron::bench
