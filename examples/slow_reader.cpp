// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A subscriber that cannot keep up loses messages, knows how many, and slows nobody.
#include <cstdint>
#include <iostream>
#include <thread>

#include <ronbus/ronbus.hpp>

int main() {
  constexpr std::uint64_t kMessages = 1'000'000;
  auto bus = ron::BusBuilder{}.cap(256).single_publisher().build<std::uint64_t>();
  if (!bus) return 2;
  auto slow = bus->subscribe();

  std::jthread publisher{[&bus] {
    auto handle = bus->publisher();
    if (!handle) return;
    for (std::uint64_t i = 0; i < kMessages; ++i) handle->publish(i);
    bus->close();
  }};

  for (;;) {
    const auto message = slow.recv();
    if (message) {
      std::this_thread::yield();  // "work"
    } else if (message.error() == ron::RecvError::Closed) {
      break;
    }  // else Lagged: the loss is counted, and reading goes on at the oldest retained message
  }
  std::cout << "received " << slow.received() << " and missed " << slow.missed() << " of "
            << kMessages
            << (slow.received() + slow.missed() == kMessages ? ": nothing" : ": something")
            << " is unaccounted for\n";
}
