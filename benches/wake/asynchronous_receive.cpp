// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How late a suspended coroutine sees a message, from before the publish to after the co_await, on
// an event loop of Asio, beside a coroutine that waits for a channel of Asio: on the thread that
// publishes, and on another that sleeps.
//
// g++ 12 miscompiles `co_await` in the condition of a loop, hence the form of the loops here.
#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/error_code.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/experimental/concurrent_channel.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <ronbus/asio.hpp>
#include <ronbus/coroutine.hpp>

#include "harness/stamps.hpp"
#include "threads/systems/ron_bus.hpp"
#include "wake/cases.hpp"

namespace ron::bench::wake {
namespace {

constexpr const char* kRatioToChannel = "ratio_to_channel";
Target level_with_channel() { return Target::at_most(kRatioToChannel, 1.0); }
constexpr std::size_t kCapacity = 256;
/// Between two messages to another thread; long enough to fall asleep.
constexpr double kInterval = 100'000;

// Systems: `post` to one coroutine on the loop.

template <class Channel>
class OnChannel {
 public:
  OnChannel(asio::io_context& io, StampRecord& record) : channel_{io, kCapacity} {
    asio::co_spawn(io, receive(record), asio::detached);
  }
  void post(Ticks stamp) { channel_.try_send(asio::error_code{}, stamp); }

 private:
  asio::awaitable<void> receive(StampRecord& record) {
    for (;;) {
      const Ticks stamp = co_await channel_.async_receive(asio::use_awaitable);
      if (!record.note(stamp)) break;
    }
  }

  Channel channel_;
};
using OnPlainChannel = OnChannel<asio::experimental::channel<void(asio::error_code, Ticks)>>;
using OnConcurrentChannel =
    OnChannel<asio::experimental::concurrent_channel<void(asio::error_code, Ticks)>>;

class OnAsio {
 public:
  OnAsio(asio::io_context& io, StampRecord& record) {
    asio::co_spawn(io, receive(record), asio::detached);
  }
  void post(Ticks stamp) { publisher_.publish(stamp); }

 private:
  asio::awaitable<void> receive(StampRecord& record) {
    for (;;) {
      const auto stamp = co_await async_recv(rx_, asio::use_awaitable);
      if (!record.note(stamp.value_or(kEndStamp))) break;
    }
  }

  Bus<std::uint64_t> bus_ = threads::build(BusBuilder{}.cap(kCapacity));
  Publisher<std::uint64_t> publisher_ = threads::publisher_of(bus_);
  Subscriber<std::uint64_t> rx_ = bus_.subscribe();
};

class OnCoroutine {
 public:
  OnCoroutine(asio::io_context& io, StampRecord& record)
      : rx_{bus_.subscribe(),
            Executor{[&io](Wakeup wakeup) { asio::post(io, std::move(wakeup)); }}} {
    receive(record);
  }
  void post(Ticks stamp) { publisher_.publish(stamp); }

 private:
  struct Detached {
    struct promise_type {
      Detached get_return_object() { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() {}
      void unhandled_exception() { std::terminate(); }
    };
  };
  Detached receive(StampRecord& record) {
    for (;;) {
      const auto stamp = co_await rx_.next();
      if (!record.note(stamp.value_or(kEndStamp))) break;
    }
  }

  Bus<std::uint64_t> bus_ = threads::build(BusBuilder{}.cap(kCapacity));
  Publisher<std::uint64_t> publisher_ = threads::publisher_of(bus_);
  AsyncSubscriber<std::uint64_t> rx_;
};

/// Posts and runs the loop by turns.
template <class System>
[[nodiscard]] Histogram on_one_thread(const Conditions& conditions) {
  StampRecord record;
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    asio::io_context io{1};
    const auto work =
        asio::make_work_guard(io);  // as a poll that finds nothing to wait for ends it
    System system{io, record};
    io.poll();
    while (!stop.load(std::memory_order_relaxed)) {
      system.post(now());
      io.poll();
    }
    system.post(kEndStamp);
    io.poll();
  });
  run_workers(std::move(workers), conditions);
  return record.checked();
}

/// One thread posts every now and then, another sleeps in the loop.
template <class System>
[[nodiscard]] Histogram across_threads(const Conditions& conditions) {
  StampRecord record;
  asio::io_context io;
  System system{io, record};
  auto work = asio::make_work_guard(io);
  std::vector<Worker> workers;
  workers.emplace_back([&](const std::atomic<bool>& stop) {
    post_stamps(stop, kInterval, [&](Ticks stamp) { system.post(stamp); });
    asio::post(io, [&work] { work.reset(); });
  });
  workers.emplace_back([&](const std::atomic<bool>&) { io.run(); });
  run_workers(std::move(workers), conditions);
  return record.checked();
}

using Measure = Histogram (*)(const Conditions&);

[[nodiscard]] Case latencies(const std::string& name, const std::string& about,
                             const std::string& channel, std::optional<Target> target,
                             Measure measure, const Conditions& conditions) {
  const auto result = [&](const char* suffix) {
    return Result{.name = name + suffix,
                  .about = about,
                  .unit = "ns",
                  .ratios = {Ratio::to(channel + suffix, kRatioToChannel)},
                  .target = {},
                  .samples = {}};
  };
  std::vector<Result> results{result(""), result("_p99")};
  results.front().target = std::move(target);
  return {std::move(results), {}, [=](std::span<double> samples) {
            const Histogram histogram = measure(conditions);
            samples[0] = static_cast<double>(histogram.percentile(50));
            samples[1] = static_cast<double>(histogram.percentile(99));
          }};
}

}  // namespace

void add_asynchronous_receive(std::vector<Case>& cases, const Conditions& conditions) {
  const auto add = [&](const std::string& where, const std::string& about, Measure channel,
                       Measure asio, Measure coroutine) {
    const std::string reference = "channel_" + where;
    cases.push_back(latencies(reference, "asio::experimental::channel, " + about, reference, {},
                              channel, conditions));
    cases.push_back(latencies("async_recv_" + where, "async_recv of a bus, " + about, reference,
                              level_with_channel(), asio, conditions));
    cases.push_back(latencies("co_await_" + where, "co_await rx.next(), " + about, reference,
                              level_with_channel(), coroutine, conditions));
  };
  add("on_one_thread", "the loop run after each message", on_one_thread<OnPlainChannel>,
      on_one_thread<OnAsio>, on_one_thread<OnCoroutine>);
  // Other threads may publish on a bus, and send to this channel, but not to the one above.
  cases.push_back(
      latencies("concurrent_channel_on_one_thread",
                "asio::experimental::concurrent_channel, the loop run after each message",
                "channel_on_one_thread", {}, on_one_thread<OnConcurrentChannel>, conditions));
  add("across_threads", "the loop asleep on another thread, a message every 100 us",
      across_threads<OnConcurrentChannel>, across_threads<OnAsio>, across_threads<OnCoroutine>);
}

}  // namespace ron::bench::wake
