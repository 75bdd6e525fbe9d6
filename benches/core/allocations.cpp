// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Requests for heap memory by publishing and receiving, once a bus is warm: over every storage and
// every function that promises none.
#include "harness/allocations.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/cases.hpp"
#include "core/numbered.hpp"

namespace ron::bench::core {
namespace {

/// Larger than what is copied word by word, so it is pinned like an event; dense if promised.
struct Large {
  Number number;
  std::array<std::uint64_t, 15> rest;
};

Number number_of(const Large& message) noexcept { return message.number; }
using core::number_of;

template <class T>
class Exchange {
 public:
  explicit Exchange(const BusBuilder& builder) : bus_{build<T>(builder)} {}

  /// Publishes and receives in every way. Returns how many messages were published.
  std::uint64_t once() {
    const std::uint64_t begin = next_;
    publisher_.publish(message());
    publisher_.emplace(message());
    bus_published();
    check(publisher_.try_publish(message()).has_value(), "refused");
    check(publisher_.publish_wait(message()).has_value(), "refused");
    for (T& slot : batch_) slot = message();
    publisher_.publish_many(batch_);

    std::uint64_t expected = begin;
    const auto take = [&expected](const T& message) {
      check(number_of(message) == expected, "a message has the wrong contents");
      ++expected;
    };
    take(reader_.try_recv().value());
    take(reader_.recv().value());
    check(reader_.try_visit(take).has_value(), "a message is missing");
    take(*reader_.try_borrow().value());
    const std::size_t received = reader_.recv_many(buffer_).value();
    for (std::size_t i = 0; i < received; ++i) take(buffer_[i]);
    while (reader_.poll(take, batch_.size())) {
    }
    check(expected == next_, "messages are missing");

    // A reader that lags, and one that finds nothing, allocate nothing either.
    for (std::size_t i = 0; i <= bus_.capacity(); ++i) publisher_.publish(message());
    check(reader_.try_recv().error() == RecvError::lagged(1), "the lag is wrong");
    while (reader_.try_recv_many(buffer_)) {
    }
    return next_ - begin;
  }

 private:
  [[nodiscard]] T message() {
    if constexpr (std::is_same_v<T, Large>) {
      return {next_++, {}};
    } else {
      return numbered<T>(next_++);
    }
  }
  /// Without a handle, where a bus with a handle allows that.
  void bus_published() {
    if (bus_.config().single_publisher.value) {
      publisher_.publish(message());
    } else {
      bus_.publish(message());
    }
  }

  Bus<T> bus_;
  Publisher<T> publisher_ = publisher_of(bus_);
  Subscriber<T> reader_ = bus_.subscribe();
  std::uint64_t next_ = 0;
  std::array<T, 16> batch_{};
  std::array<T, 16> buffer_{};
};

struct AllStorages {
  BusBuilder shared = BusBuilder{}.cap(64);
  BusBuilder single = BusBuilder{}.cap(64).single_publisher();

  Exchange<Number> dense{single};
  Exchange<Large> dense_large{single};
  Exchange<Number> copied{shared};
  Exchange<Large> pinned_large{shared};
  Exchange<KernelEvent> pinned{shared};
  Exchange<KernelEvent> pinned_single{single};
  /// Something to allocate, by which the counting itself is checked.
  std::unique_ptr<Large> probe;

  std::uint64_t once() {
    return dense.once() + dense_large.once() + copied.once() + pinned_large.once() + pinned.once() +
           pinned_single.once();
  }
};

double allocations_per_message(AllStorages& storages) {
  constexpr int kRepetitions = 16;
  const std::uint64_t before = allocations_of_this_thread();
  std::uint64_t messages = 0;
  for (int i = 0; i < kRepetitions; ++i) messages += storages.once();
  return static_cast<double>(allocations_of_this_thread() - before) / static_cast<double>(messages);
}

}  // namespace

void add_allocations(std::vector<Case>& cases) {
  Result result{.name = "allocations_per_message",
                .about = "requests for memory in a steady publish and receive, every storage",
                .unit = "allocations",
                .ratios = {Ratio::to("", kRatio)},
                .target = Target::at_most("median", 0),
                .samples = {}};
  auto storages = std::make_shared<AllStorages>();
  cases.push_back(
      {{std::move(result)},
       [storages] {
         const std::uint64_t before = allocations_of_this_thread();
         storages->probe = std::make_unique<Large>();
         check(allocations_of_this_thread() > before, "allocations are not counted");
         for (int i = 0; i < 100; ++i) storages->once();
       },
       [storages](std::span<double> samples) { samples[0] = allocations_per_message(*storages); }});
}

}  // namespace ron::bench::core
