// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload: four threads publish and eight receive, as fast as they can.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "harness/check.hpp"
#include "threads/cases.hpp"
#include "threads/systems/ron_bus.hpp"

namespace ron::bench::threads {
namespace {

constexpr std::size_t kPublishers = 4;
constexpr std::size_t kSubscribers = 8;
/// Where there are fewer cores than threads, subscribers read while publishers are off the core:
/// what the ring retains then is what they get. Gated, it is the distance threads may run ahead.
constexpr std::size_t kLossyCapacity = 16384;
constexpr std::size_t kGatedCapacity = 1024;
constexpr const char* kFloor = "floor_one_way_ring";

/// A message says whose it is, and its number among that publisher's: 1, 2, ...
constexpr unsigned kOwnerShift = 56;

enum class Loss { Lossy, Gated };

/// What one subscriber found.
struct alignas(64) Found {
  std::array<Number, kPublishers> last{};
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  bool in_order = true;
  bool closed = false;

  template <Loss kLoss>
  void take(Number message) noexcept {
    const std::size_t owner = message >> kOwnerShift;
    const Number number = message - (Number{owner} << kOwnerShift);
    if constexpr (kLoss == Loss::Gated) {
      in_order &= number == last[owner] + 1;
    } else {
      in_order &= number > last[owner];
    }
    last[owner] = number;
    ++received;
  }
};

template <Loss kLoss>
void publish_all(Publisher<Number> publisher, Number owner, const std::atomic<bool>& stop) {
  Number next = owner << kOwnerShift;
  while (!stop.load(std::memory_order_relaxed)) {
    for (int i = 0; i < kStride; ++i) {
      if constexpr (kLoss == Loss::Gated) {
        (void)publisher.publish_wait(++next);
      } else {
        publisher.publish(++next);
      }
    }
  }
}

template <Loss kLoss>
Found receive_all(Subscriber<Number>& subscriber) {
  Found found;
  for (;;) {
    const auto message = subscriber.recv();
    if (message) [[likely]] {
      found.take<kLoss>(*message);
      continue;
    }
    found.missed += message.error().missed();
    if (message.error() != RecvError::Lagged) {
      found.closed = message.error() == RecvError::Closed;
      return found;
    }
  }
}

struct Outcome {
  std::uint64_t published = 0;
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  double seconds = 0;
};

template <Loss kLoss>
Outcome run(const Conditions& conditions) {
  const auto bus = build(BusBuilder{}.cap(kLoss == Loss::Lossy ? kLossyCapacity : kGatedCapacity));
  std::vector<Subscriber<Number>> subscribers;
  subscribers.reserve(kSubscribers);
  for (std::size_t i = 0; i < kSubscribers; ++i) {
    subscribers.push_back(bus.subscribe({.gating = kLoss == Loss::Gated}));
  }
  std::array<Found, kSubscribers> found;
  std::atomic<std::size_t> publishing{kPublishers};

  std::vector<Worker> workers;
  workers.reserve(kSubscribers + kPublishers);
  for (std::size_t i = 0; i < kSubscribers; ++i) {
    workers.emplace_back(
        [&, i](const std::atomic<bool>&) { found[i] = receive_all<kLoss>(subscribers[i]); });
  }
  for (Number owner = 0; owner < kPublishers; ++owner) {
    workers.emplace_back(
        [&, owner, publisher = publisher_of(bus)](const std::atomic<bool>& stop) mutable {
          publish_all<kLoss>(std::move(publisher), owner, stop);
          if (publishing.fetch_sub(1, std::memory_order_acq_rel) == 1) bus.close();
        });
  }
  Outcome outcome;
  outcome.seconds = run_workers(std::move(workers), conditions);
  outcome.published = bus.published();

  for (std::size_t i = 0; i < kSubscribers; ++i) {
    check(found[i].in_order, "a publisher's messages are lost, doubled or out of order");
    check(found[i].closed, "a subscriber ended before the bus was closed");
    check(found[i].received + found[i].missed == outcome.published,
          "received + missed is not what was published");
    check(found[i].received == subscribers[i].received() &&
              found[i].missed == subscribers[i].missed(),
          "a subscriber has counted wrong");
    check(kLoss == Loss::Lossy || found[i].missed == 0, "a gating subscriber lost messages");
    outcome.received += found[i].received;
    outcome.missed += found[i].missed;
  }
  check(bus.refused() == 0, "a message was refused");
  return outcome;
}

}  // namespace

void add_many_to_many(std::vector<Case>& cases, const Conditions& conditions) {
  Result lost{.name = "lossy_4x8_lost_share",
              .about = "messages missed, of those that should have been delivered",
              .unit = "share",
              .ratios = {},
              .target = {},
              .samples = {}};
  cases.push_back(
      {{rate("lossy_4x8_publishes", "4 publishers, 8 lossy subscribers: publishes", kFloor, 6),
        rate("lossy_4x8_deliveries", "the same: messages received, all subscribers", kFloor, 15),
        std::move(lost)},
       {},
       [=](std::span<double> samples) {
         const Outcome outcome = run<Loss::Lossy>(conditions);
         samples[0] = millions_a_second(outcome.published, outcome.seconds);
         samples[1] = millions_a_second(outcome.received, outcome.seconds);
         samples[2] = static_cast<double>(outcome.missed) /
                      static_cast<double>(outcome.received + outcome.missed);
       }});
  cases.push_back(
      {{rate("gated_4x8", "4 publishers, 8 gating subscribers: messages received", kFloor, 40)},
       {},
       [=](std::span<double> samples) {
         const Outcome outcome = run<Loss::Gated>(conditions);
         samples[0] = millions_a_second(outcome.received, outcome.seconds);
       }});
}

}  // namespace ron::bench::threads
