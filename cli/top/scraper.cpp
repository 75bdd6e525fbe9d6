// SPDX-License-Identifier: MIT OR Apache-2.0
#include "scraper.hpp"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "bus_metrics.hpp"
#include "http.hpp"

namespace ron::cli::top {
namespace {

std::expected<watch::Reading, std::string> scrape(const Url& url, const std::stop_token& stop) {
  const auto body = get(url, [&stop] { return !stop.stop_requested(); });
  if (!body) return std::unexpected{body.error()};
  auto reading = reading_of(*body);
  if (!reading) return std::unexpected{"what it answers is not usable: " + reading.error()};
  return std::move(*reading);
}

}  // namespace

Scraper::Scraper(Url url, std::chrono::milliseconds interval, Event& changed)
    : url_{std::move(url)},
      interval_{interval},
      changed_{changed},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

std::optional<Scrape> Scraper::take() {
  const std::scoped_lock lock{mutex_};
  return std::exchange(latest_, std::nullopt);
}

bool Scraper::end() {
  constexpr std::chrono::milliseconds kMoment{300};
  constexpr std::chrono::milliseconds kTick{5};
  thread_.request_stop();
  for (auto waited = kTick; !ended_.load(std::memory_order_relaxed); waited += kTick) {
    if (waited >= kMoment) return false;
    std::this_thread::sleep_for(kTick);
  }
  return true;
}

void Scraper::run(const std::stop_token& stop) {
  std::condition_variable_any never;
  Scrape::Clock::time_point due = Scrape::Clock::now();
  while (!stop.stop_requested()) {
    // Counted from when it is asked for: that is nearest to when the answer was true.
    const Scrape::Clock::time_point at = Scrape::Clock::now();
    Scrape scrape{.at = at, .reading = top::scrape(url_, stop)};
    std::unique_lock lock{mutex_};
    latest_ = std::move(scrape);
    changed_.set();
    due = std::max(due + interval_, at);
    never.wait_until(lock, stop, due, [] { return false; });
  }
  ended_.store(true, std::memory_order_relaxed);
}

}  // namespace ron::cli::top
