// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A program with a busy bus, for Prometheus to look at:
//
//     noisy_bus MESSAGES    says where it serves metrics, reads a line, publishes so many messages
//                           within seconds to three subscribers, of which one passes half of them
//                           over and one is slow, says "quiet" once they have read all that is
//                           left, and ends with its standard input
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "ronbus/builder.hpp"
#include "ronbus/prometheus.hpp"

namespace {

using namespace std::chrono_literals;
using Number = std::uint64_t;

std::jthread reader(const ron::Bus<Number>& bus, const std::string& name,
                    ron::Predicate<Number> wanted, std::chrono::microseconds work) {
  return std::jthread{[rx = bus.subscribe({.name = name}, std::move(wanted)), work]() mutable {
    for (auto& message : rx) {
      if (message && work != 0us) std::this_thread::sleep_for(work);
    }
  }};
}

}  // namespace

int main(int argc, char** argv) {
  const Number messages = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
  auto bus = ron::BusBuilder{}
                 .name("noisy")
                 .cap(1024)
                 .metrics({.sample_every = 64, .end_to_end = true})
                 .build<Number>();
  if (!bus) return std::cerr << bus.error().message() << '\n', 1;
  const auto collector = std::make_shared<ron::prometheus::Collector>();
  collector->add(*bus);
  const auto server = ron::prometheus::Server::start({.address = "127.0.0.1:0"}, collector);
  if (!server) return std::cerr << server.error().message() << '\n', 1;
  std::cout << server->url() << std::endl;

  const std::jthread fast = reader(*bus, "fast", {}, 0us);
  const std::jthread picky = reader(*bus, "picky", [](Number i) { return i % 2 == 0; }, 0us);
  const std::jthread slow = reader(*bus, "slow", {}, 500us);
  std::string line;
  if (std::getline(std::cin, line)) {
    auto publisher = bus->publisher();
    if (!publisher) return 1;
    constexpr Number kBursts = 400;
    Number i = 0;
    for (Number burst = 1; burst <= kBursts; ++burst) {
      for (; i < messages * burst / kBursts; ++i) publisher->publish(i);
      std::this_thread::sleep_for(10ms);
    }
  }
  (void)bus->drain();
  std::cout << "quiet" << std::endl;
  while (std::getline(std::cin, line)) {
  }
  bus->close();
}
