// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What workloads have in common: the words that every one takes, messages that bear numbers, and
// the account that each subscriber keeps of them.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/check.hpp"
#include "harness/clock.hpp"
#include "harness/serve.hpp"
#include "harness/words.hpp"
#include "harness/workers.hpp"
#include "systems/system.hpp"

namespace ron::bench {

inline constexpr std::size_t kMostCapacity = std::size_t{1} << 16U;
inline constexpr std::size_t kMostThreads = 64;
inline constexpr std::size_t kMostIdle = 4096;

[[nodiscard]] inline Conditions take_conditions(Words& words) {
  constexpr std::uint64_t kMostMillis = 600'000;
  constexpr std::uint64_t kMillis = 100;
  Conditions conditions;
  conditions.duration = std::chrono::milliseconds{words.number("millis", 1, kMostMillis, kMillis)};
  conditions.pin = words.flag("pin");
  return conditions;
}

[[nodiscard]] inline std::size_t take_capacity(Words& words, std::size_t fallback = 1024) {
  return words.number("capacity", 2, kMostCapacity, fallback);
}

// Messages: `owner << 56 | n`, n = 1, 2, ...

inline constexpr unsigned kOwnerShift = 56;

[[nodiscard]] constexpr Number first_before(std::size_t owner) noexcept {
  return Number{owner} << kOwnerShift;
}

/// What one subscriber found of the messages of `kOwners` publishers. On cache lines of its own.
/// With one owner it is small enough for registers.
template <Loss kLoss, std::size_t kOwners>
class alignas(64) Account {
 public:
  [[gnu::always_inline]] void operator()(Number message) noexcept {
    Number& last = kOwners == 1 ? last_[0] : last_[message >> kOwnerShift];
    in_order_ &= kLoss == Loss::Gated ? message == last + 1 : message > last;
    last = message;
    ++received_;
  }

  /// Books a receipt whose messages, if any, it has seen. False if there is no more to come.
  [[gnu::always_inline]] bool book(const Receipt& receipt) noexcept {
    if (receipt.told == Told::Missed) missed_ += receipt.count;
    closed_ = receipt.told == Told::Closed;
    return !closed_;
  }

  /// Checks the account when all is quiet. `dropped` is what senders say they dropped for it.
  template <class System>
  void settle(std::uint64_t published, std::uint64_t dropped) {
    for (std::size_t owner = 0; owner < kOwners; ++owner) {
      in_order_ &= last_[owner] - first_before(owner) <= published;
    }
    check(in_order_, "a publisher's messages were lost, doubled, out of order or made up");
    missed_ += dropped;
    check(received_ + missed_ <= published, "more was received and missed than was published");
    if constexpr (System::kAccounting == Accounting::Nobody) missed_ = published - received_;
    check(received_ + missed_ == published, "received + missed is not what was published");
    check(kLoss == Loss::Lossy || missed_ == 0, "a gating subscriber lost messages");
  }

  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

 private:
  static constexpr std::array<Number, kOwners> beginnings() noexcept {
    std::array<Number, kOwners> last{};
    for (std::size_t owner = 0; owner < kOwners; ++owner) last[owner] = first_before(owner);
    return last;
  }

  std::array<Number, kOwners> last_ = beginnings();
  std::uint64_t received_ = 0;
  std::uint64_t missed_ = 0;
  bool in_order_ = true;
  bool closed_ = false;
};

/// As many owners as a message can name.
inline constexpr std::size_t kAnyOwner = 256;

/// One by one to the end.
template <class Receiver, class Account>
void receive_all(Receiver& receiver, Account& account) {
  // In an object of this thread's own, which the compiler can keep in registers.
  Account mine = account;
  while (mine.book(receiver.receive(mine))) {
  }
  account = mine;
}

/// What is there now.
template <class Receiver, class Account>
void drain(Receiver& receiver, Account& account) {
  Account mine = account;
  for (;;) {
    const Receipt receipt = receiver.try_receive(mine);
    mine.book(receipt);
    if (receipt.told == Told::Nothing || receipt.told == Told::Closed) break;
  }
  account = mine;
}

struct alignas(64) Padded {
  std::uint64_t value = 0;
};

[[nodiscard]] inline std::uint64_t total(const std::vector<Padded>& counts) {
  std::uint64_t sum = 0;
  for (const Padded& count : counts) sum += count.value;
  return sum;
}

template <class System>
[[nodiscard]] std::vector<typename System::Sender> senders_of(System& system, std::size_t count) {
  std::vector<typename System::Sender> senders;
  senders.reserve(count);
  for (std::size_t i = 0; i < count; ++i) senders.push_back(system.sender());
  return senders;
}

template <class System>
[[nodiscard]] std::vector<typename System::Receiver> receivers_of(System& system,
                                                                  std::size_t count) {
  std::vector<typename System::Receiver> receivers;
  receivers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) receivers.push_back(system.subscribe());
  return receivers;
}

template <class System>
[[nodiscard]] std::uint64_t dropped_for(const std::vector<typename System::Sender>& senders,
                                        std::size_t subscriber) {
  std::uint64_t sum = 0;
  for (const auto& sender : senders) sum += dropped_for<System>(sender, subscriber);
  return sum;
}

[[nodiscard]] inline double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

[[nodiscard]] inline double per_second(std::uint64_t count, double seconds) {
  return static_cast<double>(count) / seconds;
}

}  // namespace ron::bench
