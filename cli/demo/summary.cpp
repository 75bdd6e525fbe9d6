// SPDX-License-Identifier: MIT OR Apache-2.0
#include "summary.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "ronbus/config.hpp"

#include "../number_text.hpp"

namespace ron::cli::demo {
namespace {

using Json = nlohmann::ordered_json;

double quotient(std::uint64_t number, double divisor) {
  return divisor > 0 ? static_cast<double>(number) / divisor : 0;
}

/// In the order of the accounts, of those that the bus knows.
template <class Use>
void for_each_subscriber(const Summary& summary, Use use) {
  for (const Accounts::Receiver& account : summary.accounts.receivers) {
    const auto found =
        std::ranges::find(summary.bus.subscribers, account.name, &SubscriberInfo::name);
    if (found != summary.bus.subscribers.end()) use(account, *found);
  }
}

std::string text_of(const char* what, const Distribution& nanoseconds) {
  if (nanoseconds.empty()) return {};
  return fmt::format("{}: p50 {} ns, p99 {} ns, at most {} ns, of {} timed\n", what,
                     grouped(nanoseconds.quantile(0.5)), grouped(nanoseconds.quantile(0.99)),
                     grouped(nanoseconds.max()), grouped(nanoseconds.count()));
}

Json json_of(const Distribution& values) {
  if (values.empty()) return nullptr;
  return {{"count", values.count()},
          {"p50", values.quantile(0.5)},
          {"p99", values.quantile(0.99)},
          {"max", values.max()}};
}

}  // namespace

std::string to_text(const Summary& summary) {
  const BusSnapshot& bus = summary.bus;
  const double publishes = quotient(bus.published, summary.seconds);
  std::string text = fmt::format(
      "{} messages in {:.2f} s ({}/s), {} deliveries ({}/s), {} bus of {}\n",
      grouped(bus.published), summary.seconds, compact(publishes), grouped(bus.received),
      compact(quotient(bus.received, summary.seconds)), to_string(bus.mode), bus.capacity);
  std::size_t width = 0;
  for_each_subscriber(summary, [&](const auto& account, const SubscriberInfo&) {
    width = std::max(width, account.name.size());
  });
  text += fmt::format("  {:{}} {:>15} {:>15} {:>15} {:>9} {:>9} {:>12}\n", "", width, "received",
                      "filtered", "missed", "lost", "episodes", "most behind");
  for_each_subscriber(summary, [&](const auto& account, const SubscriberInfo& info) {
    text += fmt::format("  {:{}} {:>15} {:>15} {:>15} {:>7.2f} % {:>9} {:>12}\n", account.name,
                        width, grouped(info.received), grouped(info.filtered), grouped(info.missed),
                        100 * quotient(info.missed, static_cast<double>(bus.published)),
                        grouped(info.episodes), grouped(info.most_behind));
  });
  text += text_of("publish", bus.publish_ns);
  text += text_of("publish to receive", bus.end_to_end_ns);
  for (const std::string& failure : summary.failures) text += "FAILED: " + failure + '\n';
  if (summary.failures.empty()) {
    text += fmt::format(
        "every message is accounted for: {} x {} = {} received + {} missed + {} filtered\n",
        grouped(bus.published), summary.accounts.receivers.size(), grouped(bus.received),
        grouped(bus.missed), grouped(bus.filtered));
  }
  return text;
}

std::string to_json(const Summary& summary) {
  const BusSnapshot& bus = summary.bus;
  const Parameters& parameters = summary.parameters;
  Json json{{"parameters",
             {{"publishers", parameters.publishers},
              {"subscribers", parameters.subscribers},
              {"filtering", parameters.filtering},
              {"slow", parameters.slow},
              {"pause", parameters.pause.count()},
              {"rate", parameters.rate},
              {"payload", parameters.payload},
              {"messages", parameters.messages}}},
            {"mode", to_string(bus.mode)},
            {"capacity", bus.capacity},
            {"seconds", summary.seconds},
            {"signal", summary.signal ? Json(*summary.signal) : Json(nullptr)},
            {"published", bus.published},
            {"published_per_s", quotient(bus.published, summary.seconds)},
            {"received", bus.received},
            {"received_per_s", quotient(bus.received, summary.seconds)},
            {"filtered", bus.filtered},
            {"missed", bus.missed},
            {"refused", bus.refused},
            {"notifications", bus.notifications},
            {"wakeups", bus.wakeups},
            {"publish_ns", json_of(bus.publish_ns)},
            {"end_to_end_ns", json_of(bus.end_to_end_ns)},
            {"batch_sizes", json_of(bus.batch_sizes)}};
  Json& subscribers = json["subscribers"] = Json::array();
  for_each_subscriber(summary, [&](const auto& account, const SubscriberInfo& info) {
    subscribers.push_back({{"name", account.name},
                           {"kind", account.kind},
                           {"received", info.received},
                           {"filtered", info.filtered},
                           {"missed", info.missed},
                           {"lags", info.lags},
                           {"episodes", info.episodes},
                           {"most_behind", info.most_behind},
                           {"wakeups", info.wakeups},
                           {"bytes", account.bytes}});
  });
  json["failures"] = summary.failures;
  return json.dump() + '\n';
}

}  // namespace ron::cli::demo
