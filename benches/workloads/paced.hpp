// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A publisher sends the time at a steady pace, and receivers take the difference.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "harness/histogram.hpp"
#include "workloads/common.hpp"

namespace ron::bench {

enum class Receiving : std::uint8_t { Polling, Sleeping, Async };

/// Calls `post(stamp)` every `interval` nanoseconds, awake in between. What is overdue because this
/// thread was not running is left out, not caught up with. Returns how many it posted, at least
/// one, an interval after the last.
template <class Post>
std::uint64_t post_until(const std::atomic<bool>& stop, double interval, Post&& post) {
  const std::uint64_t begin = monotonic_ns();
  const auto elapsed = [&] { return static_cast<double>(monotonic_ns() - begin); };
  std::uint64_t count = 0;
  double time = 0;
  double due = 0;
  do {
    due = std::max(due + interval, time);
    do {
      time = elapsed();
    } while (time < due);
    post(begin + static_cast<std::uint64_t>(time));
    ++count;
  } while (!stop.load(std::memory_order_relaxed));
  while (elapsed() < due + interval) {
  }
  return count;
}

/// What one receiver of stamps found.
class alignas(64) Stamps {
 public:
  void operator()(std::uint64_t stamp) noexcept {
    const std::uint64_t time = monotonic_ns();
    in_order_ &= last_ <= stamp && stamp <= time;
    last_ = stamp;
    histogram_.record(time - stamp);
  }
  /// False if there is no more to come.
  bool book(const Receipt& receipt) noexcept {
    if (receipt.told == Told::Missed) missed_ += receipt.count;
    return receipt.told != Told::Closed;
  }
  template <class System>
  void settle(std::uint64_t published, std::uint64_t dropped) {
    check(in_order_, "stamps are out of order, or the clocks of two processors disagree");
    missed_ += dropped;
    const std::uint64_t received = histogram_.count();
    check(received + missed_ <= published, "more was received and missed than was published");
    if constexpr (System::kAccounting == Accounting::Nobody) missed_ = published - received;
    check(received + missed_ == published, "received + missed is not what was published");
  }

  [[nodiscard]] const Histogram& histogram() const noexcept { return histogram_; }
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

 private:
  Histogram histogram_;
  std::uint64_t last_ = 0;
  std::uint64_t missed_ = 0;
  bool in_order_ = true;
};

struct Paced {
  Histogram histogram;  ///< of all receivers
  std::uint64_t missed = 0;
  double seconds = 0;
};

template <template <class, Loss> class S>
Paced paced(const Shape& shape, const Conditions& conditions, double interval,
            Receiving receiving) {
  using System = S<Number, Loss::Lossy>;
  if (receiving == Receiving::Async) throw Unsupported{"it has no async receiver"};
  if (receiving == Receiving::Sleeping && !System::kSleeps) {
    throw Unsupported{"its receivers cannot sleep"};
  }
  System system{shape};
  auto receivers = receivers_of(system, shape.subscribers);
  auto sender = system.sender();
  std::uint64_t published = 0;
  std::vector<Stamps> stamps(shape.subscribers);

  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    published = post_until(stop, interval, [&](std::uint64_t stamp) { sender.send(stamp); });
    sender.finish();
  });
  for (std::size_t i = 0; i < shape.subscribers; ++i) {
    workers.emplace_back([&, i](const std::atomic<bool>&) {
      auto& receiver = receivers[i];
      if (receiving == Receiving::Polling) {
        while (stamps[i].book(receiver.try_receive(stamps[i]))) {
        }
      } else {
        while (stamps[i].book(receiver.receive(stamps[i]))) {
        }
      }
    });
  }
  Paced result;
  result.seconds = run_workers(std::move(workers), conditions);
  for (std::size_t i = 0; i < shape.subscribers; ++i) {
    stamps[i].template settle<System>(published, dropped_for<System>(sender, i));
    result.histogram.add(stamps[i].histogram());
    result.missed += stamps[i].missed();
  }
  check(result.histogram.count() > 0, "nothing arrived");
  return result;
}

[[nodiscard]] inline Metrics percentiles_of(const Histogram& histogram) {
  const auto percentile = [&](double percent) {
    return static_cast<double>(histogram.percentile(percent));
  };
  return {{"p50_ns", percentile(50)},
          {"p90_ns", percentile(90)},
          {"p99_ns", percentile(99)},
          {"p999_ns", percentile(99.9)},
          {"max_ns", static_cast<double>(histogram.max())},
          {"count", static_cast<double>(histogram.count())}};
}

}  // namespace ron::bench
