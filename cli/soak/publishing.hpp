// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "ronbus/publisher.hpp"

#include "../pacer.hpp"
#include "../work.hpp"
#include "rendezvous.hpp"
#include "stamp.hpp"

namespace ron::cli::soak {

/// What one publisher did.
struct alignas(64) PublisherTally {
  std::uint64_t published = 0;
  std::uint64_t refused = 0;    ///< by the bus, although it is open
  std::uint64_t uncovered = 0;  ///< published to fewer subscribers than there are
};

/// One publisher at work: one by one and in batches, waiting for gating subscribers if there are
/// any.
template <class Payload>
class Publishing {
 public:
  using Message = typename Payload::Message;

  struct Role {
    std::size_t owner;
    bool waits;                     ///< for gating subscribers
    std::size_t least_subscribers;  ///< that every message must be said to cover
  };

  Publishing(Publisher<Message>& publisher, const Role& role, PublisherTally& tally)
      : publisher_{publisher}, role_{role}, tally_{tally} {}

  /// Publishes until it is sent home from `rendezvous`. Rests there when there is no more work.
  void run(Work& work, Pacer pacer, Rendezvous& rendezvous) {
    for (std::uint64_t turn = 0;; ++turn) {
      if (pacer.has_limit()) std::this_thread::sleep_until(pacer.next(Pacer::Clock::now()));
      const std::uint64_t count = rendezvous.is_called() ? 0 : work.take(pacer.burst());
      if (count == 0) {
        batch_.clear();
        if (!rendezvous.rest(role_.owner)) return;
      } else if (turn % kBatchEvery == 0) {
        publish_batch(count);
      } else {
        for (std::uint64_t i = 0; i < count; ++i) publish_one();
        flush();
      }
    }
  }

 private:
  static constexpr std::uint64_t kBatchEvery = 4;

  [[nodiscard]] Message next_message() {
    return Payload::make(stamp_of(role_.owner, ++tally_.published));
  }

  void publish_one() {
    if (role_.waits) {
      const auto covered = publisher_.publish_wait(next_message());
      note(covered.has_value(), covered.value_or(0));
    } else {
      note(true, publisher_.publish(next_message()));
    }
  }

  /// In a batched mode a burst ends on the stage.
  void flush() {
    const std::uint64_t staged = publisher_.staged();
    tally_.refused += staged - publisher_.flush();
  }

  void publish_batch(std::uint64_t count) {
    batch_.clear();
    for (std::uint64_t i = 0; i < count; ++i) batch_.push_back(next_message());
    if (role_.waits) {
      tally_.refused += count - publisher_.publish_many_wait(batch_).value_or(0);
    } else {
      note(true, publisher_.publish_many(batch_));
    }
  }

  void note(bool accepted, std::size_t covered) noexcept {
    tally_.refused += accepted ? 0 : 1;
    tally_.uncovered += accepted && covered < role_.least_subscribers ? 1 : 0;
  }

  Publisher<Message>& publisher_;
  Role role_;
  PublisherTally& tally_;
  std::vector<Message> batch_;
};

}  // namespace ron::cli::soak
