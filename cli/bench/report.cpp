// SPDX-License-Identifier: MIT OR Apache-2.0
#include "report.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace ron::cli::bench {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Machine& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"memory_mib", machine.memory_mib},
          {"kernel", machine.kernel},
          {"compiler", machine.compiler}};
}

Json to_json(const System& system) {
  return {{"name", system.name},
          {"label", system.label},
          {"version", system.version},
          {"runner", system.runner},
          {"broadcast", system.broadcast}};
}

Json to_json(const Remark& remark) {
  return {{"system", remark.system},
          {"workload", remark.workload},
          {"case", remark.case_name},
          {"reason", remark.reason}};
}

Json to_json(const Metric& metric) {
  return {{"median", metric.median}, {"q1", metric.q1},   {"q3", metric.q3},
          {"min", metric.min},       {"max", metric.max}, {"samples", metric.samples}};
}

Json to_json(const Result& result) {
  Json parameters = Json::object();
  for (const Parameter& parameter : result.parameters) parameters[parameter.name] = parameter.value;
  Json metrics = Json::object();
  for (const Metric& metric : result.metrics) metrics[metric.name] = to_json(metric);
  return {{"workload", result.workload},
          {"case", result.case_name},
          {"system", result.system},
          {"parameters", std::move(parameters)},
          {"metrics", std::move(metrics)}};
}

Json to_json(const Place& place) {
  return {{"workload", place.workload},
          {"case", place.case_name},
          {"system", place.system},
          {"metric", place.metric}};
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const Target& target) {
  return {{"claim", target.claim},
          {"value", or_null(target.value)},
          {"relation", target.relation},
          {"limit", target.limit},
          {"met", or_null(target.met)},
          {"of", to_json(target.of)},
          {"against", to_json(target.against)}};
}

template <class T>
Json to_array(const std::vector<T>& items) {
  Json array = Json::array();
  for (const T& item : items) array.push_back(to_json(item));
  return array;
}

template <class T>
std::optional<T> optional_at(const Json& json, const char* key) {
  const Json& value = json.at(key);
  if (value.is_null()) return std::nullopt;
  return value.get<T>();
}

// Each reads what to_json() of the same type writes. They throw nlohmann::json::exception.

void read(const Json& json, Machine& machine) {
  json.at("cpu").get_to(machine.cpu);
  json.at("cores").get_to(machine.cores);
  json.at("memory_mib").get_to(machine.memory_mib);
  json.at("kernel").get_to(machine.kernel);
  json.at("compiler").get_to(machine.compiler);
}

void read(const Json& json, System& system) {
  json.at("name").get_to(system.name);
  json.at("label").get_to(system.label);
  json.at("version").get_to(system.version);
  json.at("runner").get_to(system.runner);
  json.at("broadcast").get_to(system.broadcast);
}

void read(const Json& json, Remark& remark) {
  json.at("system").get_to(remark.system);
  json.at("workload").get_to(remark.workload);
  json.at("case").get_to(remark.case_name);
  json.at("reason").get_to(remark.reason);
}

void read(const Json& json, Metric& metric) {
  json.at("median").get_to(metric.median);
  json.at("q1").get_to(metric.q1);
  json.at("q3").get_to(metric.q3);
  json.at("min").get_to(metric.min);
  json.at("max").get_to(metric.max);
  json.at("samples").get_to(metric.samples);
}

void read(const Json& json, Result& result) {
  json.at("workload").get_to(result.workload);
  json.at("case").get_to(result.case_name);
  json.at("system").get_to(result.system);
  for (const auto& [name, value] : json.at("parameters").items()) {
    result.parameters.push_back({.name = name, .value = value.get<std::string>()});
  }
  for (const auto& [name, value] : json.at("metrics").items()) {
    read(value, result.metrics.emplace_back());
    result.metrics.back().name = name;
  }
}

void read(const Json& json, Place& place) {
  json.at("workload").get_to(place.workload);
  json.at("case").get_to(place.case_name);
  json.at("system").get_to(place.system);
  json.at("metric").get_to(place.metric);
}

void read(const Json& json, Target& target) {
  json.at("claim").get_to(target.claim);
  target.value = optional_at<double>(json, "value");
  json.at("relation").get_to(target.relation);
  json.at("limit").get_to(target.limit);
  target.met = optional_at<bool>(json, "met");
  read(json.at("of"), target.of);
  read(json.at("against"), target.against);
}

template <class T>
void read(const Json& json, std::vector<T>& items) {
  for (const Json& item : json) read(item, items.emplace_back());
}

}  // namespace

const Metric* Result::metric(std::string_view name) const {
  const auto found = std::ranges::find(metrics, name, &Metric::name);
  return found == metrics.end() ? nullptr : &*found;
}

const Result* Report::result(std::string_view workload, std::string_view case_name,
                             std::string_view system) const {
  const auto found = std::ranges::find_if(results, [&](const Result& result) {
    return result.workload == workload && result.case_name == case_name && result.system == system;
  });
  return found == results.end() ? nullptr : &*found;
}

std::expected<Report, std::string> read_report(const Json& json) {
  Report report;
  try {
    const int schema = json.at("schema").get<int>();
    if (schema != kSchema) {
      return std::unexpected{fmt::format("schema {} is not known; allowed: {}", schema, kSchema)};
    }
    read(json.at("machine"), report.machine);
    json.at("commit").get_to(report.commit);
    json.at("command").get_to(report.command);
    json.at("started").get_to(report.started);
    json.at("seconds").get_to(report.seconds);
    json.at("rounds").get_to(report.rounds);
    json.at("millis").get_to(report.millis);
    json.at("pinned").get_to(report.pinned);
    json.at("interrupted").get_to(report.interrupted);
    json.at("noise").get_to(report.noise);
    read(json.at("systems"), report.systems);
    read(json.at("skipped"), report.skipped);
    read(json.at("failures"), report.failures);
    read(json.at("results"), report.results);
    read(json.at("targets"), report.targets);
  } catch (const Json::exception& error) {
    return std::unexpected{fmt::format("not a report of ronbus bench: {}", error.what())};
  }
  return report;
}

Json write_report(const Report& report) {
  return {{"schema", kSchema},
          {"machine", to_json(report.machine)},
          {"commit", report.commit},
          {"command", report.command},
          {"started", report.started},
          {"seconds", report.seconds},
          {"rounds", report.rounds},
          {"millis", report.millis},
          {"pinned", report.pinned},
          {"interrupted", report.interrupted},
          {"noise", report.noise},
          {"systems", to_array(report.systems)},
          {"skipped", to_array(report.skipped)},
          {"failures", to_array(report.failures)},
          {"results", to_array(report.results)},
          {"targets", to_array(report.targets)}};
}

}  // namespace ron::cli::bench
