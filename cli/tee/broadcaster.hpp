// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

#include "ronbus/bus.hpp"
#include "ronbus/publisher.hpp"

#include "../event.hpp"
#include "block_pool.hpp"
#include "line_run.hpp"

namespace ron::cli::tee {

/// Publishes the lines of a descriptor, on a thread of its own. What one read brings goes out at
/// once. Waits for gating subscribers, and closes the bus at the end.
class Broadcaster {
 public:
  /// Sets `changed` when it is done, as the last thing.
  Broadcaster(int input, Bus<LineRun> bus, Event& changed)
      : input_{input}, bus_{std::move(bus)}, changed_{changed} {}
  Broadcaster(const Broadcaster&) = delete;
  Broadcaster& operator=(const Broadcaster&) = delete;
  ~Broadcaster() { stop(); }

  void start();
  /// Ends it after the line run it is publishing; what was read and not published is dropped.
  void stop() noexcept;
  [[nodiscard]] bool is_done() const noexcept { return done_.load(std::memory_order_acquire); }

  // Published so far.

  [[nodiscard]] std::uint64_t lines() const noexcept {
    return lines_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    return bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t runs() const noexcept {
    return runs_.load(std::memory_order_relaxed);
  }
  /// Why it ended too early; empty if it did not. Only once it is done.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  void run(const std::stop_token& stop);
  void broadcast(const std::stop_token& stop);
  [[nodiscard]] bool publish(Publisher<LineRun>& publisher, SharedBytes bytes,
                             const std::stop_token& stop);
  void limit_memory(Publisher<LineRun>& publisher, const std::stop_token& stop);

  int input_;
  Bus<LineRun> bus_;
  Event& changed_;
  Event stop_event_;
  BlockPool pool_;
  std::atomic<std::uint64_t> lines_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> runs_{0};
  std::atomic<bool> done_{false};
  std::string error_;
  std::jthread thread_;
};

}  // namespace ron::cli::tee
