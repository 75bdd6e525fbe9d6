// SPDX-License-Identifier: MIT OR Apache-2.0
#include <iostream>
#include <thread>

#include <ronbus/ronbus.hpp>

int main() {
  auto bus = ron::BusBuilder{}.autotune(4).build<ron::KernelEvent>();
  if (!bus) return std::cerr << bus.error().message() << '\n', 2;
  auto rx = bus->subscribe();
  std::jthread service{[&] { bus->publish(ron::ConfigUpdated{7}), bus->close(); }};
  for (auto& event : rx) {  // waits, and ends when the bus is closed
    if (!event)
      std::cout << "missed " << event.error().missed() << '\n';
    else if (auto* config = std::get_if<ron::ConfigUpdated>(&*event))
      std::cout << "config " << config->version << '\n';
  }
}
