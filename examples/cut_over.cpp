// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A bus cannot grow, but everybody can move to a larger one without a gap:
//
//   1. make the new bus
//   2. subscribe everybody to it, before anything is published there
//   3. let publishers know it
//   4. close the old one
//
// A publisher goes on with the old bus until that refuses a message, and publishes this very
// message on the new one: each message is on exactly one of them. A subscriber reads the old bus to
// its end, which is Closed, and then the new one from its beginning: for each publisher, the order
// it published in. Whoever keeps up loses nothing; here the subscribers are gating, and are waited
// for.
#include <cstdint>
#include <future>
#include <iostream>
#include <thread>
#include <utility>
#include <vector>

#include <ronbus/ronbus.hpp>

namespace {

struct Message {
  std::uint32_t publisher;
  std::uint32_t number;
};
using Bus = ron::Bus<Message>;
using Subscriber = ron::Subscriber<Message>;

constexpr std::uint32_t kPublishers = 2;
constexpr std::uint32_t kEach = 50'000;

/// Publishes from `number` on until all is said or the bus is closed. Returns the first number that
/// is not published: what a closed bus refuses is not on it.
std::uint32_t publish_from(std::uint32_t number, std::uint32_t self, const Bus& bus) {
  auto publisher = bus.publisher();
  while (publisher && number < kEach && publisher->publish_wait(Message{self, number})) ++number;
  return number;
}

void publish_all(const Bus& bus, std::uint32_t self, const std::shared_future<Bus>& next) {
  const std::uint32_t number = publish_from(0, self, bus);
  if (number < kEach) publish_from(number, self, next.get());
}

/// What one subscriber saw.
struct Report {
  std::uint64_t old_bus = 0;
  std::uint64_t new_bus = 0;
  std::uint64_t missed = 0;
  bool in_order = true;
};

Report read_all(Subscriber subscriber, std::future<Subscriber> next) {
  Report report;
  std::vector<std::uint32_t> expected(kPublishers);
  const auto read_to_end = [&](Subscriber& from) {
    for (auto& message : from) {
      if (!message) continue;  // Lagged; counted in missed()
      report.in_order &= message->number == expected[message->publisher]++;
    }
    report.missed += from.missed();
    return from.received();
  };
  report.old_bus = read_to_end(subscriber);
  subscriber = next.get();
  report.new_bus = read_to_end(subscriber);
  return report;
}

}  // namespace

int main() {
  auto narrow = ron::BusBuilder{}.cap(64).build<Message>();
  if (!narrow) return 2;

  constexpr int kSubscribers = 3;
  std::vector<std::promise<Subscriber>> next_subscribers(kSubscribers);
  std::vector<std::future<Report>> reports;
  for (auto& next : next_subscribers) {
    reports.push_back(std::async(std::launch::async, read_all, narrow->subscribe({.gating = true}),
                                 next.get_future()));
  }
  std::promise<Bus> next_bus;
  const std::shared_future<Bus> announced = next_bus.get_future().share();
  std::vector<std::jthread> publishers;
  for (std::uint32_t self = 0; self < kPublishers; ++self) {
    publishers.emplace_back(publish_all, *narrow, self, announced);
  }

  // Some time later, with all of them busy:
  while (narrow->published() < kEach / 2) std::this_thread::yield();
  auto wide = ron::BusBuilder{}.cap(4096).build<Message>();
  if (!wide) return 2;
  for (auto& next : next_subscribers) next.set_value(wide->subscribe({.gating = true}));
  next_bus.set_value(*wide);
  narrow->close();

  publishers.clear();
  wide->close();
  const std::uint64_t published = narrow->published() + wide->published();
  bool whole = published == std::uint64_t{kPublishers} * kEach;
  for (auto& report : reports) {
    const Report saw = report.get();
    std::cout << "received " << saw.old_bus << " + " << saw.new_bus << ", missed " << saw.missed
              << (saw.in_order ? ", in order\n" : ", out of order\n");
    whole &= saw.in_order && saw.missed == 0 && saw.old_bus + saw.new_bus == published;
  }
  std::cout << (whole ? "no gap in " : "a gap in ") << published << " messages\n";
}
