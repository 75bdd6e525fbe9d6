// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A file descriptor (an eventfd) that tells event loops of news, as a socket does: it is readable
// unless its owner has found that there is nothing to receive and nothing has come since.
//
//   owner      after a receive found nothing:   (D1) read the descriptor   (D2) if that gave
//              nothing, and it is armed: done   (D3) end the arming, arm anew   (D4) condition?
//              then end the arming and write the descriptor
//   notifier   fires what is armed: writes the descriptor
//
// Unreadable means armed: D1 and the arming in D3 come before the look in D4, so whatever a write
// that D1 took away stood for is seen by D4, and what comes later fires. It is written once from
// one D3 to the next. One that fired for an earlier arming and was halted may write late: the owner
// is woken for nothing and takes that write away in D1.
//
// The number is closed only when nobody is in the middle of firing it: nobody ever writes to a
// descriptor of somebody else that got the same number.
#pragma once

#include <expected>
#include <memory>
#include <system_error>

#include "ronbus/sync/probe.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron::wait {

/// Owned by one thread at a time.
class Descriptor {
 public:
  /// One that is to be laid to rest by `rest`. Allocates; an error if there are no descriptors or
  /// no memory left.
  [[nodiscard]] static std::expected<std::unique_ptr<Descriptor>, std::error_code> open(
      WaiterSet& set, Owner& owner, Interest interest) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int number() const noexcept { return number_; }

  /// After a receive found nothing; `ready` looks whether there is something after all.
  template <class ReadyFn>
  void rest(const ReadyFn& ready) noexcept {
    if (!take() && is_armed_) return;
    set_.end(*waiter_, ticket_);
    ticket_ = set_.arm(*waiter_);
    is_armed_ = !ready();
    if (is_armed_) {
      RONBUS_PROBE(park, set_.attention(), waiter_->owner_id());
      return;
    }
    set_.end(*waiter_, ticket_);
    write();
  }

 private:
  explicit Descriptor(WaiterSet& set) noexcept : set_{set} {}

  /// Makes it unreadable; true if it was readable.
  [[nodiscard]] bool take() const noexcept;
  /// Makes it readable.
  void write() const noexcept;

  WaiterSet& set_;
  Waiter* waiter_ = nullptr;
  int number_ = -1;
  Ticket ticket_ = 0;
  bool is_armed_ = false;
};

}  // namespace ron::wait
