// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `latency`: one thread sends the time at a steady pace, another receives it.
#pragma once

#include <algorithm>

#include "harness/histogram.hpp"
#include "workloads/common.hpp"

namespace ron::bench {

enum class Receiving : std::uint8_t { Polling, Sleeping, Async };

struct LatencyRequest {
  Conditions conditions;
  Shape shape;
  std::uint64_t interval_ns;
  Receiving receiving;

  explicit LatencyRequest(Words& words) : conditions{take_conditions(words)} {
    constexpr std::uint64_t kMostMicroseconds = 1'000'000;
    interval_ns = 1000 * words.number("interval_us", 1, kMostMicroseconds, std::nullopt);
    receiving = Receiving{
        static_cast<std::uint8_t>(words.choice("receiver", {"polling", "sleeping", "async"}))};
    shape.capacity = take_capacity(words);
    words.done();
  }
};

/// Calls `post(stamp)` every `interval` nanoseconds, awake in between. What is overdue because this
/// thread was not running is left out, not caught up with. Returns how many it posted, one interval
/// after the last.
template <class Post>
std::uint64_t post_until(const std::atomic<bool>& stop, std::uint64_t interval, Post&& post) {
  std::uint64_t count = 0;
  std::uint64_t time = monotonic_ns();
  std::uint64_t due = time;
  while (!stop.load(std::memory_order_relaxed)) {
    due = std::max(due + interval, time);
    do {
      time = monotonic_ns();
    } while (time < due);
    post(time);
    ++count;
  }
  while (monotonic_ns() < due + interval) {
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
  bool book(const Receipt& receipt) noexcept {
    if (receipt.told == Told::Missed) missed_ += receipt.count;
    return receipt.told != Told::Closed;
  }
  void settle(std::uint64_t published, std::uint64_t dropped, Accounting accounting) {
    check(in_order_, "stamps are out of order, or the clocks of two processors disagree");
    missed_ += dropped;
    if (accounting == Accounting::Nobody) {
      check(histogram_.count() <= published, "more stamps were received than were sent");
      missed_ = published - histogram_.count();
    }
    check(histogram_.count() + missed_ == published, "received + missed is not what was published");
  }

  [[nodiscard]] const Histogram& histogram() const noexcept { return histogram_; }
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

 private:
  Histogram histogram_;
  std::uint64_t last_ = 0;
  std::uint64_t missed_ = 0;
  bool in_order_ = true;
};

[[nodiscard]] inline Metrics metrics_of(const Histogram& histogram) {
  check(histogram.count() > 0, "nothing arrived");
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

template <template <class, Loss> class S>
Metrics latency(const LatencyRequest& request) {
  using System = S<Number, Loss::Lossy>;
  if (request.receiving == Receiving::Async) throw Unsupported{"it has no async receiver"};
  if (request.receiving == Receiving::Sleeping && !System::kSleeps) {
    throw Unsupported{"its receivers cannot sleep"};
  }
  System system{request.shape};
  auto receiver = system.subscribe();
  auto sender = system.sender();
  std::uint64_t published = 0;
  Stamps stamps;

  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    published =
        post_until(stop, request.interval_ns, [&](std::uint64_t stamp) { sender.send(stamp); });
    sender.finish();
  });
  workers.emplace_back([&](const std::atomic<bool>&) {
    if (request.receiving == Receiving::Polling) {
      while (stamps.book(receiver.try_receive(stamps))) {
      }
    } else {
      while (stamps.book(receiver.receive(stamps))) {
      }
    }
  });
  run_workers(std::move(workers), request.conditions);
  stamps.settle(published, dropped_for<System>(sender, 0), System::kAccounting);
  return metrics_of(stamps.histogram());
}

}  // namespace ron::bench
