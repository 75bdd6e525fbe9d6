// SPDX-License-Identifier: MIT OR Apache-2.0
#include "audit.hpp"

#include <fmt/format.h>

namespace ron::cli::soak {
namespace {

void check(const QuietMoment::Subscriber& subscriber, const QuietMoment& moment,
           std::vector<std::string>& faults) {
  const Ledger& ledger = subscriber.ledger;
  if (!ledger.fault().empty()) faults.push_back(subscriber.name + " " + ledger.fault());
  if (ledger.received() + ledger.missed() != moment.published) {
    faults.push_back(fmt::format("{}: received {} + missed {} is not published {}", subscriber.name,
                                 ledger.received(), ledger.missed(), moment.published));
  }
  if (subscriber.received != ledger.received() + moment.markers ||
      subscriber.missed != ledger.missed() || subscriber.lag != 0) {
    faults.push_back(
        fmt::format("{}: counted {} received, {} missed, 0 behind; the bus says {}, {} and {}",
                    subscriber.name, ledger.received() + moment.markers, ledger.missed(),
                    subscriber.received, subscriber.missed, subscriber.lag));
  }
  if (subscriber.gating && ledger.missed() > 0) {
    faults.push_back(
        fmt::format("{} gates, but missed {} messages", subscriber.name, ledger.missed()));
  }
}

/// That those who missed nothing since the last quiet moment saw the same in the same order.
void check_order(const QuietMoment& moment, std::vector<std::string>& faults) {
  const QuietMoment::Subscriber* first = nullptr;
  for (const auto& subscriber : moment.subscribers) {
    if (subscriber.ledger.missed_in_round()) continue;
    if (first == nullptr) first = &subscriber;
    if (subscriber.ledger.digest() != first->ledger.digest()) {
      faults.push_back(fmt::format("{} and {} saw different orders", first->name, subscriber.name));
    }
  }
}

}  // namespace

std::vector<std::string> faults_of(const QuietMoment& moment) {
  std::vector<std::string> faults;
  if (moment.bus_published != moment.published + moment.markers) {
    faults.push_back(fmt::format("published {} messages, but the bus counts {}",
                                 moment.published + moment.markers, moment.bus_published));
  }
  if (moment.refused > 0 || moment.bus_refused > 0) {
    faults.push_back(fmt::format("{} messages were refused; the bus counts {}", moment.refused,
                                 moment.bus_refused));
  }
  if (moment.uncovered > 0) {
    faults.push_back(fmt::format("{} messages were published to fewer subscribers than there are",
                                 moment.uncovered));
  }
  for (const auto& subscriber : moment.subscribers) check(subscriber, moment, faults);
  check_order(moment, faults);
  if (!moment.visitor_fault.empty()) faults.push_back(moment.visitor_fault);
  return faults;
}

}  // namespace ron::cli::soak
