// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stamp.hpp"

namespace ron::cli::soak {

/// The accounts of one subscriber: counts what it received and missed, independently of the bus,
/// and checks that every publisher's messages come in their order.
class Ledger {
 public:
  /// How the numbers of one publisher may go on.
  enum class Order : std::uint8_t {
    Rising,   ///< there may be gaps
    Gapless,  ///< from 1, by one
    GaplessFromAny,
  };

  Ledger(std::size_t publishers, Order order) : last_(publishers), order_{order} {}

  void take(Stamp stamp) {
    const std::size_t owner = owner_of(stamp);
    const std::uint64_t number = number_of(stamp);
    if (owner >= last_.size() || !may_follow(last_[owner], number)) [[unlikely]] {
      note_fault(stamp);
      return;
    }
    last_[owner] = number;
    digest_ = (digest_ ^ stamp) * kDigestFactor;
    ++received_;
  }
  /// The bus says that `count` messages were missed.
  void miss(std::uint64_t count) noexcept {
    missed_ += count;
    missed_in_round_ += count;
    ++lags_;
  }
  /// Everything until the next call is another round.
  void begin_round() noexcept {
    missed_in_round_ = 0;
    digest_ = 0;
  }

  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  /// How often it was told that it missed something.
  [[nodiscard]] std::uint64_t lags() const noexcept { return lags_; }
  [[nodiscard]] bool missed_in_round() const noexcept { return missed_in_round_ > 0; }
  /// Of all messages of this round in their order: whoever missed none has the same one.
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }
  /// What was wrong first; empty if nothing was.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

 private:
  static constexpr std::uint64_t kDigestFactor = 0x9e3779b97f4a7c15;

  [[nodiscard]] bool may_follow(std::uint64_t last, std::uint64_t number) const noexcept {
    if (order_ == Order::Rising) return number > last;
    return number == last + 1 || (order_ == Order::GaplessFromAny && last == 0 && number > 0);
  }
  void note_fault(Stamp stamp);

  std::vector<std::uint64_t> last_;  ///< number of each publisher's latest message, 0 before it
  std::uint64_t received_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t lags_ = 0;
  std::uint64_t missed_in_round_ = 0;
  std::uint64_t digest_ = 0;
  Order order_;
  std::string fault_;
};

}  // namespace ron::cli::soak
