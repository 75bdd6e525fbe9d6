// SPDX-License-Identifier: MIT OR Apache-2.0
// A monitor of a stream of bursts that would rather read many events at once, a little later, than
// be woken for each burst.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <thread>

#include <ronbus/ronbus.hpp>

int main() {
  using namespace std::chrono_literals;
  constexpr std::uint64_t kBursts = 50;
  constexpr std::uint64_t kBurst = 20;
  const auto bus = ron::BusBuilder{}
                       .mode(ron::BusMode::Edge)
                       .edge_linger(200us)
                       .cap(4096)
                       .build<ron::KernelEvent>();
  if (!bus) {
    std::cerr << bus.error().message() << '\n';
    return 2;
  }
  std::uint64_t seen = 0;
  {
    const std::jthread monitor{[&seen, events = bus->subscribe()]() mutable {
      for (const auto& event : events) seen += event ? 1 : event.error().missed();
    }};
    auto service = bus->publisher().value();
    for (std::uint64_t burst = 0; burst < kBursts; ++burst) {
      for (std::uint64_t i = 0; i < kBurst; ++i) service.publish(ron::ConfigUpdated{i});
      std::this_thread::sleep_for(20us);
    }
    bus->close();
  }
  std::cout << "accounted for " << seen << " of " << bus->published() << " events\n";
}
