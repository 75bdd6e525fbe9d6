// SPDX-License-Identifier: MIT OR Apache-2.0
#include "crew.hpp"

#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "../pacer.hpp"

namespace ron::cli::demo {
namespace {

constexpr std::uint64_t kWantedOneIn = 10;

/// Sleeps until then; returns at once, and false, if a stop is requested.
bool sleep_until(Pacer::Clock::time_point when, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait_until(lock, stop, when, [] { return false; });
  return !stop.stop_requested();
}

void end_all(std::vector<std::jthread>& threads) {
  for (std::jthread& thread : threads) thread.request_stop();
  threads.clear();
}

}  // namespace

Crew::Crew(Bus<Message> bus, const Parameters& parameters, Event& published)
    : bus_{std::move(bus)},
      parameters_{parameters},
      published_{published},
      work_{parameters.messages > 0 ? parameters.messages
                                    : std::numeric_limits<std::uint64_t>::max()},
      sent_(parameters.publishers),
      publishing_{parameters.publishers} {
  subscribe(parameters.subscribers, "fast");
  subscribe(parameters.filtering, "filtering");
  subscribe(parameters.slow, "slow");
  for (const auto& each : receivers_) {
    receiver_threads_.emplace_back(
        [this, &receiver = *each](const std::stop_token& hurry) { receive(receiver, hurry); });
  }
  for (std::size_t i = 0; i < parameters.publishers; ++i) {
    publisher_threads_.emplace_back(
        [this, i, publisher = bus_.publisher().value()](const std::stop_token& stop) mutable {
          publish(std::move(publisher), i, stop);
        });
  }
}

Accounts Crew::end() {
  end_all(publisher_threads_);
  bus_.close();
  end_all(receiver_threads_);
  Accounts accounts;
  for (const std::uint64_t sent : sent_) accounts.published += sent;
  for (const auto& receiver : receivers_) accounts.receivers.push_back(receiver->account);
  return accounts;
}

void Crew::subscribe(std::size_t count, const std::string& kind) {
  const std::size_t digits = fmt::formatted_size("{}", count);
  for (std::size_t i = 1; i <= count; ++i) {
    SubscribeOptions options;
    options.name = fmt::format("{}-{:0{}}", kind, i, digits);
    Predicate<Message> wanted;
    if (kind == "filtering") {
      wanted = [](const Message& message) { return message.number % kWantedOneIn == 0; };
    }
    receivers_.push_back(std::make_unique<Receiver>(
        Receiver{.subscriber = bus_.subscribe(options, std::move(wanted)),
                 .pause = kind == "slow" ? parameters_.pause : std::chrono::microseconds{0},
                 .account = {.name = options.name, .kind = kind}}));
  }
}

void Crew::publish(Publisher<Message> publisher, std::size_t index, const std::stop_token& stop) {
  const std::string body(parameters_.payload, 'x');
  Pacer pacer{static_cast<double>(parameters_.rate) / static_cast<double>(parameters_.publishers)};
  std::uint64_t number = 0;
  while (!stop.stop_requested()) {
    if (pacer.has_limit() && !sleep_until(pacer.next(Pacer::Clock::now()), stop)) break;
    const std::uint64_t count = work_.take(pacer.burst());
    if (count == 0) break;
    for (std::uint64_t i = 0; i < count; ++i) {
      publisher.emplace(number++, body.empty() ? SharedBytes{} : SharedBytes::copy_of(body));
    }
    publisher.flush();
  }
  sent_[index] = number;
  // The publishers and whoever sees the event have nothing else to tell each other.
  if (publishing_.fetch_sub(1, std::memory_order_relaxed) == 1) published_.set();
}

void Crew::receive(Receiver& receiver, const std::stop_token& hurry) {
  std::uint64_t bytes = 0;
  const auto read = [&bytes](const Message& message) { bytes += message.body.size(); };
  Accounts::Receiver& account = receiver.account;
  for (;;) {
    const auto received = receiver.subscriber.visit(read);
    if (received) {
      ++account.received;
      if (receiver.pause.count() > 0 && !hurry.stop_requested()) {
        sleep_until(Pacer::Clock::now() + receiver.pause, hurry);
      }
    } else if (received.error() == RecvError::Lagged) {
      account.missed += received.error().missed();
    } else {
      break;
    }
  }
  account.bytes = bytes;
}

}  // namespace ron::cli::demo
