// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A supervisor and its services talk over one bus of KernelEvent. When a service crashes, the
// supervisor tells all to shut down, closes the bus, waits until everybody has read what was left,
// names who has not, and waits until all have gone.
#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <ronbus/ronbus.hpp>

namespace {

using namespace std::chrono_literals;

/// Reports its health until it is told to shut down, the only event it wants to see. The weak
/// publisher does not keep the bus open: that is for the supervisor to decide.
void service(const ron::WeakBus<ron::KernelEvent>& weak, const std::string& name, int crash_after) {
  auto bus = weak.lock();
  if (!bus) return;
  auto shutdown = bus->subscribe({.name = name}, [](const ron::KernelEvent& event) {
    return std::holds_alternative<ron::Shutdown>(event);
  });
  auto publisher = bus->weak_publisher();
  bus.reset();
  for (int reports = 0; publisher; ++reports) {
    if (reports == crash_after) {
      publisher->publish(ron::ServiceCrashed{name, "disk full"});
      return;
    }
    publisher->publish(ron::Health{name, true});
    const auto told = shutdown.recv_for(1ms);
    if (told || told.error().is_end()) return;
  }
}

}  // namespace

int main() {
  auto bus = ron::BusBuilder{}.cap(4096).build<ron::KernelEvent>();
  if (!bus) return std::cerr << bus.error().message() << '\n', 2;
  auto events = std::make_optional(bus->subscribe());

  std::vector<std::jthread> services;
  services.emplace_back(service, bus->weak(), "web", -1);
  services.emplace_back(service, bus->weak(), "mail", -1);
  services.emplace_back(service, bus->weak(), "log", 3);
  for (bool healthy = true; healthy;) {
    const auto event = events->recv_for(10s);
    if (!event && event.error() == ron::RecvError::Timeout) return 1;
    if (!event) continue;  // Lagged: reports were lost, and counted
    if (const auto* crash = std::get_if<ron::ServiceCrashed>(&*event)) {
      std::cout << crash->service << " crashed: " << crash->reason << '\n';
      healthy = false;
    }
  }
  bus->publish(ron::Shutdown{});
  bus->close();  // what was published stays readable
  events.reset();
  for (const ron::Undrained& late : bus->drain(10s)) {
    std::cerr << late.name << " has not read the last " << late.left << " events\n";
  }
  if (!bus->wait_for_no_subscribers(10s)) {
    return std::cerr << bus->subscriber_count() << " services do not go\n", 1;
  }
  std::cout << "all services have shut down\n";
}
