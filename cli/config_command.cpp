// SPDX-License-Identifier: MIT OR Apache-2.0
#include "config_command.hpp"

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "ronbus/config.hpp"

#include "complain.hpp"
#include "exit_code.hpp"

namespace ron::cli {
namespace {

constexpr const char* kConfigHelp =
    "Values come from the program (here: the flags), then the environment, then autotune, then\n"
    "the fallback. Warnings go to standard error, with --json into the JSON.\n"
    "\n"
    "Examples:\n"
    "  ronbus config\n"
    "  RON_CAP=1000 ronbus config --json\n"
    "  ronbus config --autotune 12 --single-publisher\n"
    "\n"
    "Exit code: 0, or 2 if a flag or a variable cannot be used.";

using Json = nlohmann::ordered_json;

struct Row {
  std::string name;
  Json value;
  std::string source;  ///< empty for what follows from another value
};

std::vector<Row> rows_of(const EffectiveConfig& config) {
  std::vector<Row> rows;
  const auto add = [&rows](const char* name, const auto& setting, Json value) {
    rows.push_back({name, std::move(value), std::string{to_string(setting.source)}});
  };
  add("mode", config.mode, std::string{to_string(config.mode.value)});
  add("requested_capacity", config.requested_capacity, config.requested_capacity.value);
  rows.push_back({"capacity", config.capacity, ""});
  add("fanout", config.fanout, config.fanout.value);
  add("burst", config.burst, config.burst.value);
  add("tls_flush_threshold", config.tls_flush_threshold, config.tls_flush_threshold.value);
  add("epoch_yield", config.epoch_yield, config.epoch_yield.value);
  add("edge_linger_us", config.edge_linger, config.edge_linger.value.count());
  add("metrics_sample_every", config.sample_every, config.sample_every.value);
  add("metrics_end_to_end", config.end_to_end, config.end_to_end.value);
  add("single_publisher", config.single_publisher, config.single_publisher.value);
  add("fence", config.fence, std::string{to_string(config.fence.value)});
  return rows;
}

std::string shown(const Row& row) {
  if (row.name == "fanout" && row.value == 0) return "unknown";
  if (row.value.is_boolean()) return row.value.get<bool>() ? "yes" : "no";
  return row.value.is_string() ? row.value.get<std::string>() : row.value.dump();
}

void print_text(const EffectiveConfig& config) {
  for (const Row& row : rows_of(config)) {
    const char* const source =
        row.source.empty() ? "next power of two within [2, 65536]" : row.source.c_str();
    fmt::print("{:<20} {:<12} {}\n", row.name, shown(row), source);
  }
  static_cast<void>(std::fflush(stdout));
  for (const std::string& warning : config.warnings) complain("warning: " + warning);
}

void print_json(const EffectiveConfig& config) {
  Json json;
  for (const Row& row : rows_of(config)) {
    Json& entry = json[row.name] = Json{{"value", row.value}};
    if (!row.source.empty()) entry["source"] = row.source;
  }
  json["warnings"] = config.warnings;
  fmt::print("{}\n", json.dump(2));
}

}  // namespace

ConfigCommand::ConfigCommand(CLI::App& program)
    : app_{program.add_subcommand("config", "Print the effective configuration of a bus")},
      knobs_{*app_} {
  app_->add_flag("--json", json_, "Print JSON");
  app_->footer(kConfigHelp);
}

int ConfigCommand::run() const {
  const auto builder = knobs_.builder();
  if (!builder) {
    complain(builder.error());
    return kUsage;
  }
  const auto config = builder->config();
  if (!config) {
    complain(config.error().message());
    return kUsage;
  }
  if (json_) {
    print_json(*config);
  } else {
    print_text(*config);
  }
  return std::fflush(stdout) == 0 ? kSuccess : kFailure;
}

}  // namespace ron::cli
