// SPDX-License-Identifier: MIT OR Apache-2.0
// A sensor that gives its readings one by one, in bursts, to several subscribers: each burst goes
// to the bus in few steps rather than one for each reading.
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <thread>
#include <vector>

#include <ronbus/ronbus.hpp>

struct Reading {
  std::uint64_t number;
  double value;
};

int main() {
  constexpr std::uint64_t kBursts = 100;
  constexpr std::uint64_t kBurst = 500;
  const auto bus = ron::BusBuilder{}
                       .mode(ron::BusMode::Batched)
                       .cap(4096)
                       .burst(kBurst)
                       .epoch_yield()
                       .single_publisher()
                       .build<Reading>();
  if (!bus) {
    std::cerr << bus.error().message() << '\n';
    return 2;
  }
  std::vector<std::uint64_t> accounted(3);
  {
    std::vector<std::jthread> analysts;
    for (std::uint64_t& sum : accounted) {
      analysts.emplace_back([&sum, readings = bus->subscribe()]() mutable {
        for (const auto& reading : readings) sum += reading ? 1 : reading.error().missed();
      });
    }
    {
      auto sensor = bus->publisher().value();
      for (std::uint64_t burst = 0; burst < kBursts; ++burst) {
        for (std::uint64_t i = 0; i < kBurst; ++i) {
          sensor.publish({.number = burst * kBurst + i, .value = 20.0});
        }
        sensor.flush();  // the end of the burst: what is still staged goes out now
      }
    }
    bus->close();
  }
  for (const std::uint64_t sum : accounted) {
    if (sum != bus->published()) return 1;
  }
  std::cout << bus->published() << " readings, all accounted for by " << accounted.size()
            << " subscribers\n";
}
