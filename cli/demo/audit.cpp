// SPDX-License-Identifier: MIT OR Apache-2.0
#include "audit.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace ron::cli::demo {
namespace {

void check(const Accounts::Receiver& account, const BusSnapshot& bus,
           std::vector<std::string>& faults) {
  const auto found = std::ranges::find(bus.subscribers, account.name, &SubscriberInfo::name);
  if (found == bus.subscribers.end()) {
    faults.push_back(fmt::format("the bus does not know {}", account.name));
    return;
  }
  if (found->received + found->filtered + found->missed != bus.published || found->behind > 0) {
    faults.push_back(fmt::format(
        "{}: received {} + filtered {} + missed {} is not published {}; {} behind", account.name,
        found->received, found->filtered, found->missed, bus.published, found->behind));
  }
  if (found->received != account.received || found->missed != account.missed) {
    faults.push_back(fmt::format("{} counted {} received, {} missed; the bus says {} and {}",
                                 account.name, account.received, account.missed, found->received,
                                 found->missed));
  }
}

}  // namespace

std::vector<std::string> faults_of(const Accounts& accounts, const BusSnapshot& bus) {
  std::vector<std::string> faults;
  if (bus.published != accounts.published || bus.refused > 0) {
    faults.push_back(fmt::format("published {} messages; the bus says {}, and {} refused",
                                 accounts.published, bus.published, bus.refused));
  }
  const std::uint64_t copies = bus.published * accounts.receivers.size();
  if (bus.received + bus.missed + bus.filtered != copies) {
    faults.push_back(fmt::format(
        "received {} + missed {} + filtered {} is not published {} x {} subscribers", bus.received,
        bus.missed, bus.filtered, bus.published, accounts.receivers.size()));
  }
  if (!accounts.receivers.empty() && bus.unheard > 0) {
    faults.push_back(fmt::format("{} messages were published to nobody", bus.unheard));
  }
  for (const Accounts::Receiver& account : accounts.receivers) check(account, bus, faults);
  return faults;
}

}  // namespace ron::cli::demo
