// SPDX-License-Identifier: MIT OR Apache-2.0
#include "json.hpp"

#include <optional>

#include <nlohmann/json.hpp>

namespace ron::cli::watch {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); }

Json to_json(const std::optional<Latency>& latency) {
  if (!latency) return nullptr;
  return {{"p50", latency->p50}, {"p99", latency->p99}};
}

Json to_json(const WatchedSubscriber& subscriber) {
  const SubscriberReading& now = subscriber.now;
  return {{"name", now.name},
          {"present", now.present},
          {"behind", now.behind},
          {"most_behind", now.most_behind},
          {"lagging", now.lagging},
          {"received", now.received},
          {"filtered", now.filtered},
          {"missed", now.missed},
          {"lags", now.lags},
          {"episodes", now.episodes},
          {"wakeups", now.wakeups},
          {"received_per_s", or_null(subscriber.rates.received)},
          {"missed_per_s", or_null(subscriber.rates.missed)}};
}

}  // namespace

Json to_json(const std::vector<WatchedBus>& buses) {
  Json all = Json::array();
  for (const WatchedBus& bus : buses) {
    const BusReading& now = bus.now;
    Json& json = all.emplace_back(Json{{"name", now.name},
                                       {"mode", now.mode},
                                       {"closed", now.closed},
                                       {"published", now.published},
                                       {"refused", now.refused},
                                       {"unheard", now.unheard},
                                       {"received", bus.received()},
                                       {"filtered", bus.filtered()},
                                       {"missed", bus.missed()},
                                       {"notifications", now.notifications},
                                       {"capacity", now.capacity},
                                       {"retained", now.retained},
                                       {"depth", now.depth},
                                       {"publishers", now.publishers},
                                       {"subscriber_count", now.subscriber_count},
                                       {"published_per_s", or_null(bus.published_rate)},
                                       {"received_per_s", or_null(bus.rates.received)},
                                       {"missed_per_s", or_null(bus.rates.missed)},
                                       {"notifications_per_s", or_null(bus.notifications_rate)},
                                       {"publish_ns", to_json(bus.publish)},
                                       {"end_to_end_ns", to_json(bus.end_to_end)}});
    Json& subscribers = json["subscribers"] = Json::array();
    for (const WatchedSubscriber& subscriber : bus.subscribers) {
      subscribers.push_back(to_json(subscriber));
    }
  }
  return all;
}

}  // namespace ron::cli::watch
