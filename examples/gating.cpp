// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A subscriber that must lose nothing, beside a lossy one that nobody waits for.
#include <cstdint>
#include <iostream>
#include <thread>

#include <ronbus/ronbus.hpp>

int main() {
  constexpr std::uint64_t kMessages = 1'000'000;
  auto bus = ron::BusBuilder{}.cap(1024).build<std::uint64_t>();
  if (!bus) return 2;
  auto auditor = bus->subscribe(ron::SubscribeOptions{.gating = true});
  auto bystander = bus->subscribe();  // never reads

  std::jthread publisher{[&bus] {
    auto handle = bus->publisher();
    if (!handle) return;
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      if (!handle->publish_wait(i)) return;
    }
    bus->close();
  }};

  std::uint64_t sum = 0;
  while (auto message = auditor.recv()) sum += *message;
  std::cout << "sum " << sum << ", missed " << auditor.missed() << "; the bystander is "
            << bystander.lag() << " behind\n";
}
