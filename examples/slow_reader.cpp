// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Fan-out with one slow reader: everybody is sent everything; who cannot keep up loses messages,
// knows how many, and slows nobody.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <thread>
#include <vector>

#include <ronbus/ronbus.hpp>

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMessages = 20'000;
constexpr std::uint64_t kBurst = 100;

void read_to_end(ron::Subscriber<std::uint64_t>& subscriber, bool slow) {
  for (;;) {
    const auto message = subscriber.recv();
    if (message) {
      if (slow) std::this_thread::sleep_for(10us);  // "work"
    } else if (message.error() == ron::RecvError::Closed) {
      break;
    }  // else Lagged: the loss is counted, and reading goes on at the oldest retained message
  }
}

}  // namespace

int main() {
  auto bus = ron::BusBuilder{}.cap(256).single_publisher().build<std::uint64_t>();
  if (!bus) return 2;

  std::vector<ron::Subscriber<std::uint64_t>> subscribers;
  for (int i = 0; i < 3; ++i) subscribers.push_back(bus->subscribe());
  std::vector<std::jthread> threads;
  for (auto& subscriber : subscribers) {
    const bool slow = &subscriber == &subscribers.back();
    threads.emplace_back([&subscriber, slow] { read_to_end(subscriber, slow); });
  }
  threads.emplace_back([&bus] {
    auto publisher = bus->publisher();
    for (std::uint64_t i = 0; publisher && i < kMessages; ++i) {
      publisher->publish(i);
      if (i % kBurst == 0) std::this_thread::sleep_for(100us);
    }
    bus->close();
  });
  threads.clear();  // waits for all of them

  for (auto& subscriber : subscribers) {
    const bool whole = subscriber.received() + subscriber.missed() == kMessages;
    std::cout << (&subscriber == &subscribers.back() ? "slow: " : "quick: ") << "received "
              << subscriber.received() << " and missed " << subscriber.missed() << " of "
              << kMessages << (whole ? ": nothing" : ": something") << " is unaccounted for\n";
  }
}
