// SPDX-License-Identifier: MIT OR Apache-2.0
#include "summary.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "../number_text.hpp"

namespace ron::cli::soak {
namespace {

using Json = nlohmann::ordered_json;

double quotient(std::uint64_t number, double divisor) {
  return divisor > 0 ? static_cast<double>(number) / divisor : 0;
}

double share_of(const SubscriberTotals& totals) {
  return quotient(totals.missed, static_cast<double>(totals.received + totals.missed));
}

void add_to(SubscriberTotals& sum, const SubscriberTotals& part) {
  sum.received += part.received;
  sum.missed += part.missed;
  sum.lags += part.lags;
}

const char* standing_of(const Summary& summary) {
  if (!summary.failures.empty()) return "failed";
  return summary.complete ? "complete" : "not complete";
}

double mebibytes(std::uint64_t kib) { return static_cast<double>(kib) / 1024; }

std::string row(const std::string& name, const char* role, const SubscriberTotals& totals) {
  return fmt::format("  {:<13} {:<7} {:>17} {:>17} {:>9} {:>11.5f} %\n", name, role,
                     grouped(totals.received), grouped(totals.missed), grouped(totals.lags),
                     100 * share_of(totals));
}

}  // namespace

void Totals::add(const Totals& part) {
  parts += part.parts;
  checkpoints += part.checkpoints;
  seconds += part.seconds;
  events += part.events;
  refused += part.refused;
  subscribers.resize(std::max(subscribers.size(), part.subscribers.size()));
  for (std::size_t i = 0; i < part.subscribers.size(); ++i) {
    add_to(subscribers[i], part.subscribers[i]);
  }
  add_to(all_visitors, part.all_visitors);
  visitors += part.visitors;
  constructed += part.constructed;
  leaked += part.leaked;
  memory_growth_kib = std::max(memory_growth_kib, part.memory_growth_kib);
}

std::uint64_t Summary::deliveries() const {
  std::uint64_t sum = totals.all_visitors.received;
  for (const SubscriberTotals& subscriber : totals.subscribers) sum += subscriber.received;
  return sum;
}

double Summary::lost_share() const {
  SubscriberTotals sum;
  const std::span all{totals.subscribers};
  for (const auto& subscriber : all.first(std::min(all.size(), parameters.subscribers))) {
    add_to(sum, subscriber);
  }
  return share_of(sum);
}

const char* Summary::role_of(std::size_t subscriber) const {
  if (subscriber < parameters.gating) return "gating";
  return subscriber < parameters.subscribers ? "lossy" : "slow";
}

std::size_t subscribers_in(const Parameters& parameters) {
  return parameters.subscribers + (parameters.slow.count() > 0 ? 1 : 0);
}

std::string name_of(std::size_t subscriber, const Parameters& parameters) {
  return subscriber < parameters.subscribers ? fmt::format("subscriber {}", subscriber)
                                             : "slow one";
}

std::string to_text(const Summary& summary) {
  const Totals& totals = summary.totals;
  const std::uint64_t deliveries = summary.deliveries();
  std::string text = fmt::format(
      "soak {}: {} events in {:.1f} s ({:.2f} M/s), {} deliveries ({:.2f} M/s), {} checkpoint{}, "
      "{} part{}\n",
      standing_of(summary), grouped(totals.events), totals.seconds,
      quotient(totals.events, totals.seconds) / 1e6, grouped(deliveries),
      quotient(deliveries, totals.seconds) / 1e6, totals.checkpoints,
      totals.checkpoints == 1 ? "" : "s", totals.parts, totals.parts == 1 ? "" : "s");
  text += fmt::format("  {:<13} {:<7} {:>17} {:>17} {:>9} {:>13}\n", "", "", "received", "missed",
                      "lags", "lost");
  for (std::size_t i = 0; i < totals.subscribers.size(); ++i) {
    text += row(name_of(i, summary.parameters), summary.role_of(i), totals.subscribers[i]);
  }
  if (summary.parameters.churn > 0) {
    text += row(fmt::format("{} visitors", totals.visitors), "", totals.all_visitors);
  }
  text += fmt::format("lost share of all but the slow one and the visitors: {:.5f} % ({} {} %)\n",
                      100 * summary.lost_share(),
                      summary.lost_share() < kLostShareLimit ? "below" : "not below",
                      100 * kLostShareLimit);
  text += fmt::format("memory: {:.1f} MiB, grew by {:.1f} MiB when warm; {:.0f} MiB are allowed\n",
                      mebibytes(summary.memory_kib), mebibytes(totals.memory_growth_kib),
                      mebibytes(summary.growth_limit_kib));
  if (summary.parameters.payload == PayloadKind::Event) {
    text += fmt::format("message objects: {} constructed, {} leaked\n", grouped(totals.constructed),
                        totals.leaked);
  }
  for (const std::string& failure : summary.failures) text += "FAILED: " + failure + '\n';
  if (summary.failures.empty()) text += "all checks passed\n";
  return text;
}

Json to_json(const Summary& summary) {
  const Totals& totals = summary.totals;
  const auto counts = [](const SubscriberTotals& subscriber) {
    return Json{{"received", subscriber.received},
                {"missed", subscriber.missed},
                {"lags", subscriber.lags}};
  };
  Json json{{"parameters", to_json(summary.parameters)},
            {"complete", summary.complete},
            {"signal", summary.signal ? Json(*summary.signal) : Json(nullptr)},
            {"parts", totals.parts},
            {"checkpoints", totals.checkpoints},
            {"seconds", totals.seconds},
            {"events", totals.events},
            {"events_per_s", quotient(totals.events, totals.seconds)},
            {"deliveries", summary.deliveries()},
            {"deliveries_per_s", quotient(summary.deliveries(), totals.seconds)},
            {"lost_share", summary.lost_share()},
            {"lost_share_limit", kLostShareLimit},
            {"lost_share_met", summary.lost_share() < kLostShareLimit},
            {"refused", totals.refused}};
  Json& subscribers = json["subscribers"] = Json::array();
  for (std::size_t i = 0; i < totals.subscribers.size(); ++i) {
    Json& entry = subscribers.emplace_back(Json{{"role", summary.role_of(i)}});
    entry.update(counts(totals.subscribers[i]));
  }
  json["visitors"] = Json{{"count", totals.visitors}};
  json["visitors"].update(counts(totals.all_visitors));
  json["objects"] = {{"constructed", totals.constructed}, {"leaked", totals.leaked}};
  json["memory"] = {{"last_kib", summary.memory_kib},
                    {"growth_kib", totals.memory_growth_kib},
                    {"growth_limit_kib", summary.growth_limit_kib}};
  json["failures"] = summary.failures;
  return json;
}

}  // namespace ron::cli::soak
