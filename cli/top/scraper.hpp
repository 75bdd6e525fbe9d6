// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "../event.hpp"
#include "../watch/reading.hpp"
#include "url.hpp"

namespace ron::cli::top {

/// What came of one scrape, and when.
struct Scrape {
  using Clock = std::chrono::steady_clock;

  Clock::time_point at;
  std::expected<watch::Reading, std::string> reading;
};

/// Scrapes again and again, on a thread of its own.
class Scraper {
 public:
  /// Sets `changed` whenever there is something to take.
  Scraper(Url url, std::chrono::milliseconds interval, Event& changed);
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;
  /// Waits for the scrape that is under way.
  ~Scraper() = default;

  /// The latest scrape that was not taken yet.
  [[nodiscard]] std::optional<Scrape> take();
  /// Ends it, and returns whether it has ended within a moment; a connection that is being made
  /// cannot be given up.
  [[nodiscard]] bool end();

 private:
  void run(const std::stop_token& stop);

  Url url_;
  std::chrono::milliseconds interval_;
  Event& changed_;
  std::mutex mutex_;
  std::optional<Scrape> latest_;
  std::atomic<bool> ended_{false};
  std::jthread thread_;
};

}  // namespace ron::cli::top
