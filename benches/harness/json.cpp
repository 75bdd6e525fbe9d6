// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/json.hpp"

#include <nlohmann/json.hpp>

namespace ron::bench {
namespace {

using Json = nlohmann::ordered_json;

Json to_object(const Result& result) {
  Json object{{"name", result.name},     {"about", result.about}, {"unit", result.unit},
              {"median", result.median}, {"min", result.min},     {"max", result.max}};
  for (const Ratio& ratio : result.ratios) {
    object[ratio.field] = ratio.value ? Json(*ratio.value) : Json(nullptr);
    if (ratio.value) object["references"][ratio.field] = ratio.reference;
  }
  if (result.target) {
    const bool at_most = result.target->relation == Target::Relation::AtMost;
    object["target"] = {{"field", result.target->field},
                        {"relation", at_most ? "<=" : ">="},
                        {"value", result.target->value}};
    if (const auto met = result.met()) object["met"] = *met;
  }
  object["samples"] = result.samples;
  return object;
}

}  // namespace

std::string to_json(const std::vector<Result>& results) {
  Json array = Json::array();
  for (const Result& result : results) array.push_back(to_object(result));
  return array.dump(2) + "\n";
}

}  // namespace ron::bench
