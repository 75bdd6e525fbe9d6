// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <expected>
#include <optional>
#include <stop_token>
#include <utility>

#include "ronbus/base/exceptions.hpp"
#include "ronbus/detail/subscriber_access.hpp"
#include "ronbus/error.hpp"
#include "ronbus/executor.hpp"
#include "ronbus/subscriber.hpp"
#include "ronbus/wait/suspension.hpp"

namespace ron {

template <Message T>
class AsyncSubscriber;

/// How an AsyncSubscriber behaves.
struct AsyncOptions {
  /// So many messages in a row are received without a stop; then the coroutine goes on by way of
  /// its executor, so that others get their turn.
  std::size_t budget = 64;
};

/// What `co_await` is applied to; see AsyncSubscriber.
template <Message T, class Receive>
class [[nodiscard]] Next final : private wait::Suspended {
 public:
  using Result = decltype(Receive{}(std::declval<Subscriber<T>&>()));

  Next(AsyncSubscriber<T>& subscriber, std::stop_token stop) noexcept
      : subscriber_{&subscriber}, stop_{std::move(stop)} {}
  Next(const Next&) = delete;
  Next& operator=(const Next&) = delete;
  /// If the coroutine is destroyed while it is suspended here, it has received nothing.
  ~Next() {
    if (suspension_ == nullptr) return;
    interrupt_.reset();
    suspension_->end();
    suspension_->release();
  }

  [[nodiscard]] bool await_ready() { return subscriber_->has_budget() && receive(); }

  [[nodiscard]] bool await_suspend(std::coroutine_handle<> coroutine) {
    coroutine_ = coroutine;
    suspension_ = &subscriber_->suspension();
    suspension_->retain();
    if (!subscriber_->has_budget() && has_news()) {
      subscriber_->renew_budget();
      const bool yielded = base::or_instead(
          [&] {
            suspension_->yield(*this);
            return true;
          },
          [] { return false; });
      if (yielded) return true;
      // The executor has refused: there is no need to go there.
      if (receive()) return false;
    }
    if (stop_.stop_possible()) interrupt_.emplace(stop_, Interrupt{*suspension_});
    return suspend();
  }

  [[nodiscard]] Result await_resume() {
    if (suspension_ != nullptr) {
      interrupt_.reset();
      std::exchange(suspension_, nullptr)->release();
    }
    if (failure_) std::rethrow_exception(failure_);
    return *std::move(result_);
  }

 private:
  class Interrupt {
   public:
    explicit Interrupt(wait::Suspension& suspension) noexcept : suspension_{suspension} {}
    void operator()() const noexcept { suspension_.interrupt(); }

   private:
    wait::Suspension& suspension_;
  };

  [[nodiscard]] bool has_news() const noexcept {
    return detail::SubscriberAccess::has_news(*subscriber_);
  }

  /// Moves the cursor if there is something; true if there was.
  [[nodiscard]] bool receive() {
    const bool failed = base::or_instead(
        [&] {
          result_.emplace(Receive{}(*subscriber_));
          return false;
        },
        [&] {
          failure_ = std::current_exception();
          return true;
        });
    if (failed) return true;
    if (!*result_ && result_->error() == RecvError::Empty) return false;
    subscriber_->spend();
    return true;
  }

  /// False if it is not suspended, but has a result.
  [[nodiscard]] bool suspend() {
    const auto is_over = [this] { return has_news() || stop_.stop_requested(); };
    while (!suspension_->suspend(*this, is_over)) {
      // There may be something and none of it wanted.
      if (receive()) return false;
      if (stop_.stop_requested()) {
        stopped();
        return false;
      }
    }
    return true;
  }

  void stopped() { result_.emplace(std::unexpect, RecvError::Stopped); }

  void wake() override {
    suspension_->end();
    if (subscriber_ == nullptr) {
      stopped();
    } else {
      subscriber_->renew_budget();
      if (!receive() && suspend()) return;
    }
    coroutine_.resume();
  }
  void forsake() noexcept override { subscriber_ = nullptr; }

  AsyncSubscriber<T>* subscriber_;
  const std::stop_token stop_;
  wait::Suspension* suspension_ = nullptr;  ///< from the suspension to the resumption
  std::coroutine_handle<> coroutine_;
  std::optional<std::stop_callback<Interrupt>> interrupt_;
  std::optional<Result> result_;
  std::exception_ptr failure_;  ///< of a copy
};

/// A subscriber for coroutines:
///
///     ron::AsyncSubscriber rx{bus.subscribe(), executor};
///     while (auto event = co_await rx.next()) handle(*event);
///
/// A coroutine that finds no message is suspended, and goes on by way of the executor when there is
/// one; never in the middle of a publish. It may be destroyed while it is suspended, in the thread
/// or strand where it would go on: the cursor moves when it goes on and not before, so nothing is
/// lost, and a Wakeup that is still with the executor does nothing.
///
/// As with any subscriber, one receive at a time, and it stays where it is while that lasts. If it
/// is destroyed meanwhile the coroutine goes on with RecvError::Stopped. Awaiting allocates
/// nothing; the first time it suspends it takes a place among those who wait.
template <Message T>
class [[nodiscard]] AsyncSubscriber : public Subscriber<T> {
 public:
  AsyncSubscriber(Subscriber<T> subscriber, Executor executor, const AsyncOptions& options = {})
      : Subscriber<T>{std::move(subscriber)},
        executor_{std::move(executor)},
        budget_{options.budget},
        left_{options.budget} {}

  /// `co_await rx.next(stop)` gives what `recv(stop)` gives.
  [[nodiscard]] Next<T, detail::ByValue> next(std::stop_token stop = {}) noexcept
    requires std::copy_constructible<T>
  {
    return {*this, std::move(stop)};
  }

  /// `co_await rx.next_borrowed(stop)` gives what `borrow({}, stop)` gives.
  [[nodiscard]] Next<T, detail::Borrowing> next_borrowed(std::stop_token stop = {}) noexcept {
    return {*this, std::move(stop)};
  }

  [[nodiscard]] const Executor& executor() const noexcept { return executor_; }

 private:
  template <Message, class>
  friend class Next;

  [[nodiscard]] wait::Suspension& suspension() {
    return detail::SubscriberAccess::suspension(*this, executor_);
  }
  /// Whether it may receive without a stop.
  [[nodiscard]] bool has_budget() const noexcept { return left_ > 0; }
  void spend() noexcept {
    if (left_ > 0) --left_;
  }
  void renew_budget() noexcept { left_ = budget_; }

  Executor executor_;
  std::size_t budget_;
  std::size_t left_;
};

template <Message T>
AsyncSubscriber(Subscriber<T>, Executor) -> AsyncSubscriber<T>;
template <Message T>
AsyncSubscriber(Subscriber<T>, Executor, AsyncOptions) -> AsyncSubscriber<T>;

}  // namespace ron
