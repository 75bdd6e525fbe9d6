// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The smallest check that a bus works here: one of each event to three subscribers, and the counts.
#include <array>
#include <iostream>

#include <ronbus/ronbus.hpp>

int main() {
  auto bus = ron::BusBuilder{}.cap(64).build<ron::KernelEvent>();
  if (!bus) return std::cerr << bus.error().message() << '\n', 2;
  std::array subscribers{bus->subscribe(), bus->subscribe(), bus->subscribe()};

  const std::array<ron::KernelEvent, 4> events{ron::Health{"disk", true}, ron::ConfigUpdated{7},
                                               ron::ServiceCrashed{"cache", "out of memory"},
                                               ron::Shutdown{}};
  for (const auto& event : events) {
    const std::size_t covered = bus->publish(event);
    if (covered != subscribers.size()) return std::cerr << "only " << covered << " covered\n", 1;
  }
  bus->close();

  for (auto& subscriber : subscribers) {
    for (const auto& event : events) {
      if (subscriber.try_recv() != event) return std::cerr << "not what was published\n", 1;
    }
    if (subscriber.try_recv().error() != ron::RecvError::Closed) return 1;
  }
  std::cout << subscribers.size() << " subscribers received " << bus->published() << " events\n";
}
