// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "ronbus/subscriber.hpp"

#include "../event.hpp"
#include "line_run.hpp"

namespace ron::cli::tee {

/// Writes the lines of a subscriber into a pipe, on a thread of its own, and accounts for each.
class Consumer {
 public:
  enum class End : std::uint8_t {
    None,         ///< not yet
    TookAll,      ///< everything that was not lost on the bus is in the pipe
    Gone,         ///< nobody reads the pipe any more
    Stopped,      ///< stopped with lines left, which count as missed
    WriteFailed,  ///< writing failed in another way
  };

  /// `pipe` does not block, and stays open until this is joined. A lossy consumer whose
  /// subscriber was overrun gives up the rest of what it is writing at the end of a line. `grace`
  /// is the time to finish a line in after stop(). Sets `changed` when done, as the last thing.
  Consumer(int pipe, bool lossy, Subscriber<LineRun> subscriber, std::chrono::milliseconds grace,
           Event& changed)
      : pipe_{pipe},
        lossy_{lossy},
        grace_{grace},
        subscriber_{std::make_unique<Subscriber<LineRun>>(std::move(subscriber))},
        changed_{changed} {}
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer() { abort(); }

  void start();
  /// Ends it at the end of the present line. Only after the bus was closed, so that what is left
  /// can be counted.
  void stop() noexcept;
  /// As stop(), and even within a line.
  void abort() noexcept;
  /// Ends it because nobody reads the pipe any more.
  void leave() noexcept;
  [[nodiscard]] bool is_done() const noexcept { return done_.load(std::memory_order_acquire); }

  // Lines so far.

  [[nodiscard]] std::uint64_t delivered() const noexcept {
    return delivered_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t missed() const noexcept {
    return missed_.load(std::memory_order_relaxed);
  }

  // Once it is done.

  [[nodiscard]] End end() const noexcept { return end_; }
  /// Messages that the bus delivered or reported as missed.
  [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }
  /// Whether the gaps between messages were what the bus said, and none where there is none.
  [[nodiscard]] bool is_consistent() const noexcept { return consistent_; }

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] bool gather(const std::stop_token& stop);
  [[nodiscard]] bool receive(const std::stop_token* wait_until_stop);
  void account_for_gap(const LineRun& run);
  void hold(LineRun run);
  [[nodiscard]] bool write_piece(const std::stop_token& stop);
  [[nodiscard]] bool wait_for_room();
  [[nodiscard]] bool was_overtaken() const noexcept;
  void count_what_is_left();
  void add_delivered(std::uint64_t lines) noexcept;
  void add_missed(std::uint64_t lines) noexcept;

  const int pipe_;
  const bool lossy_;
  const std::chrono::milliseconds grace_;
  std::unique_ptr<Subscriber<LineRun>> subscriber_;
  Event& changed_;
  Event stop_event_;
  Event abort_event_;
  std::atomic<bool> gone_{false};
  std::atomic<bool> aborted_{false};

  // Of the thread: what it received, and what it writes now.
  std::uint64_t next_line_ = 0;
  std::uint64_t next_index_ = 0;
  std::uint64_t lagged_ = 0;  ///< messages missed since the last one received
  LineRun received_;          ///< and not written yet; no lines if there is none
  std::vector<LineRun> held_;
  std::string_view piece_;  ///< what is held, side by side in one block
  std::uint64_t piece_lines_ = 0;
  bool finishing_ = false;  ///< the line, after stop(), until `finish_by_`
  std::chrono::steady_clock::time_point finish_by_;

  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> missed_{0};
  std::uint64_t messages_ = 0;
  bool consistent_ = true;
  End end_ = End::None;
  std::atomic<bool> done_{false};
  std::jthread thread_;
};

}  // namespace ron::cli::tee
