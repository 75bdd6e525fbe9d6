// SPDX-License-Identifier: MIT OR Apache-2.0
#include "answer.hpp"

#include <cmath>
#include <cstddef>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ron::cli::bench {
namespace {

using Json = nlohmann::ordered_json;

/// The beginning of a line, for a message.
std::string excerpt(std::string_view line) {
  constexpr std::size_t kLength = 120;
  if (line.size() <= kLength) return fmt::format("'{}'", line);
  return fmt::format("'{}'...", line.substr(0, kLength));
}

std::unexpected<std::string> nonsense(std::string_view line) {
  return std::unexpected{fmt::format("answered nonsense: {}", excerpt(line))};
}

std::expected<Json, std::string> parse_object(std::string_view line) {
  Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return nonsense(line);
  return json;
}

std::optional<std::string> text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<OfferedSystem> read_system(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto name = text_at(json, "name");
  const auto workloads = json.find("workloads");
  if (!name || name->empty() || workloads == json.end() || !workloads->is_array()) {
    return std::nullopt;
  }
  OfferedSystem system{.name = *name,
                       .label = text_at(json, "label").value_or(*name),
                       .version = text_at(json, "version").value_or(""),
                       .workloads = {}};
  for (const Json& workload : *workloads) {
    if (!workload.is_string()) return std::nullopt;
    system.workloads.push_back(workload.get<std::string>());
  }
  return system;
}

}  // namespace

std::expected<Offer, std::string> read_offer(std::string_view line) {
  const auto json = parse_object(line);
  if (!json) return std::unexpected{json.error()};
  const auto runner = text_at(*json, "runner");
  const auto systems = json->find("systems");
  if (!runner || systems == json->end() || !systems->is_array()) return nonsense(line);
  Offer offer{.runner = *runner, .systems = {}};
  for (const Json& entry : *systems) {
    auto system = read_system(entry);
    if (!system) return nonsense(line);
    offer.systems.push_back(std::move(*system));
  }
  return offer;
}

std::expected<Answer, std::string> read_answer(std::string_view line) {
  const auto json = parse_object(line);
  if (!json) return std::unexpected{json.error()};
  const auto ok = json->find("ok");
  if (ok == json->end() || !ok->is_boolean()) return nonsense(line);
  if (!ok->get<bool>()) {
    if (auto reason = text_at(*json, "unsupported")) return Unsupported{std::move(*reason)};
    if (auto reason = text_at(*json, "error")) return Wrong{std::move(*reason)};
    return nonsense(line);
  }
  const auto metrics = json->find("metrics");
  if (metrics == json->end() || !metrics->is_object() || metrics->empty()) return nonsense(line);
  Values values;
  for (const auto& [name, value] : metrics->items()) {
    // No metric can be negative, and none is infinite.
    if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() < 0) {
      return nonsense(line);
    }
    values.push_back({.metric = name, .value = value.get<double>()});
  }
  return values;
}

}  // namespace ron::cli::bench
