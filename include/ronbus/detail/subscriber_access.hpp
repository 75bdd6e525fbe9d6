// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <memory>

#include "ronbus/borrowed.hpp"
#include "ronbus/error.hpp"
#include "ronbus/executor.hpp"
#include "ronbus/interest.hpp"
#include "ronbus/subscriber.hpp"
#include "ronbus/wait/suspension.hpp"

namespace ron::detail {

/// What asynchronous receives and selectors need of a subscriber beside its public functions.
struct SubscriberAccess {
  template <Message T>
  [[nodiscard]] static bool has_news(const Subscriber<T>& subscriber) noexcept {
    return subscriber.has_news();
  }

  /// The subscriber's suspension, whose Wakeups go to `target`. Allocates if it is another than
  /// last time. Nothing may be suspended there.
  template <Message T>
  [[nodiscard]] static wait::Suspension& suspension(
      Subscriber<T>& subscriber, const std::shared_ptr<wait::PostTarget>& target) {
    wait::Suspension*& suspension = subscriber.suspension_;
    if (suspension == nullptr || suspension->target() != target) {
      auto& attached = wait::Suspension::attach(
          subscriber.state_->waiters(), subscriber.record_->owner(), subscriber.interest(), target);
      if (suspension != nullptr) suspension->detach();
      suspension = &attached;
    }
    return *suspension;
  }

  template <Message T>
  [[nodiscard]] static wait::Suspension& suspension(Subscriber<T>& subscriber,
                                                    const Executor& executor) {
    return suspension(subscriber, executor.target_);
  }
  /// Who waits for messages of its bus, whose memory this keeps.
  template <Message T>
  [[nodiscard]] static std::shared_ptr<wait::WaiterSet> waiters(const Subscriber<T>& subscriber) {
    return {subscriber.state_, &subscriber.state_->waiters()};
  }
  /// Who waits by its waiters.
  template <Message T>
  [[nodiscard]] static wait::Owner& owner(const Subscriber<T>& subscriber) noexcept {
    return subscriber.record_->owner();
  }
  /// What it is to be woken for.
  template <Message T>
  [[nodiscard]] static Interest interest(const Subscriber<T>& subscriber) noexcept {
    return subscriber.interest();
  }
  /// That of last time, or nullptr.
  template <Message T>
  [[nodiscard]] static wait::Suspension* suspension(const Subscriber<T>& subscriber) noexcept {
    return subscriber.suspension_;
  }
};

// What an asynchronous receive does when there is something.

struct ByValue {
  template <Message T>
  [[nodiscard]] std::expected<T, RecvError> operator()(Subscriber<T>& subscriber) const {
    return subscriber.try_recv();
  }
};
struct Borrowing {
  template <Message T>
  [[nodiscard]] std::expected<Borrowed<T>, RecvError> operator()(Subscriber<T>& subscriber) const {
    return subscriber.try_borrow();
  }
};

}  // namespace ron::detail
