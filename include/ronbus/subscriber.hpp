// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stop_token>
#include <system_error>
#include <type_traits>
#include <utility>

#include "ronbus/borrowed.hpp"
#include "ronbus/deadline.hpp"
#include "ronbus/error.hpp"
#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/edge.hpp"
#include "ronbus/wait/blocking_wait.hpp"
#include "ronbus/wait/descriptor.hpp"
#include "ronbus/wait/suspension.hpp"
#include "ronbus/wait/wait_strategy.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron {

namespace detail {
struct SubscriberAccess;
}

/// How a subscriber takes part.
struct SubscribeOptions {
  /// Ask to lose nothing: `try_publish` and `publish_wait` then wait for this subscriber. Plain
  /// `publish` does not, and may overrun it; it is told so by Lagged like any other.
  bool gating = false;
  /// What it does while it waits for a message.
  WaitStrategy wait = WaitStrategy::SpinThenSleep;
};

/// One reader of a bus, with a cursor of its own. Sees every message published after it subscribed,
/// in the order all subscribers see, or is told exactly how many it missed: at any quiet moment
/// `received() + missed() == ` messages published since it subscribed.
///
/// Threads: one at a time; move-only, and good for nothing after a move. It does not keep the bus
/// open, but what is retained stays readable after the bus is closed and gone. The try_ functions
/// never block and never allocate; those without spin briefly, then sleep.
///
/// Every receive answers with a RecvError where there is no message:
///   Lagged    n messages were overwritten; the cursor now stands at the oldest retained one
///   Closed    the bus is closed and everything retained was read
///   Empty, Timeout, Stopped   nothing there (yet)
template <Message T>
class [[nodiscard]] Subscriber {
 public:
  using Result = std::expected<T, RecvError>;

  Subscriber(Subscriber&& other) noexcept { take(other); }
  Subscriber& operator=(Subscriber&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  ~Subscriber() { release(); }

  // By value, for copyable messages. If the copy throws, the exception reaches the caller and the
  // cursor has not moved.

  /// The next message if there is one.
  [[nodiscard, gnu::always_inline]] Result try_recv()
    requires std::copy_constructible<T>
  {
    // Built where the caller wants it: replaced in place rather than moved.
    Result result{std::unexpect, RecvError::Empty};
    const kernel::ReadStatus status = read_one([&result](const T& message) {
      if constexpr (std::is_nothrow_copy_constructible_v<T>) {
        std::construct_at(&result, message);
      } else {
        try {
          std::construct_at(&result, std::in_place, message);
        } catch (...) {
          std::construct_at(&result, std::unexpect, RecvError::Empty);
          throw;
        }
      }
    });
    if (status == kernel::ReadStatus::Ready) [[likely]] {
      moved();
    } else {
      result = error_of(status);
    }
    return result;
  }

  /// The next message; waits for it.
  [[nodiscard, gnu::always_inline]] Result recv(const std::stop_token& stop = {})
    requires std::copy_constructible<T>
  {
    return recv_until_point({}, stop);
  }

  /// The next message; waits for it no longer than `timeout`.
  template <class Rep, class Period>
  [[nodiscard]] Result recv_for(std::chrono::duration<Rep, Period> timeout,
                                const std::stop_token& stop = {})
    requires std::copy_constructible<T>
  {
    return recv_until_point(AnyDeadline{timeout}.point(), stop);
  }

  /// The next message; waits for it no longer than until `when`.
  template <class Clock, class Duration>
  [[nodiscard]] Result recv_until(std::chrono::time_point<Clock, Duration> when,
                                  const std::stop_token& stop = {})
    requires std::copy_constructible<T>
  {
    return recv_until_point(AnyDeadline{when}.point(), stop);
  }

  /// Fills `out` from the front with what is there, and returns how many messages that was. Lag is
  /// reported before the batch; it never hides inside one. Elements behind the returned number may
  /// have been written, too.
  [[nodiscard]] std::expected<std::size_t, RecvError> try_recv_many(std::span<T> out)
    requires std::is_copy_assignable_v<T>
  {
    if (out.empty()) return 0;
    kernel::ReadStatus status{};
    const std::size_t count = read_many(out, status);
    if (count == 0) [[unlikely]]
      return error_of(status);
    moved();
    return count;
  }

  /// As `try_recv_many`, but waits for the first message.
  [[nodiscard]] std::expected<std::size_t, RecvError> recv_many(std::span<T> out,
                                                                const AnyDeadline& deadline = {},
                                                                const std::stop_token& stop = {})
    requires std::is_copy_assignable_v<T>
  {
    return waiting([&] { return try_recv_many(out); }, deadline.point(), stop);
  }

  // In place, for any message. The handler gets a `const T&` that is valid while it runs; a message
  // that is overwritten meanwhile lives until then, which holds back one node and nobody's
  // progress. The cursor moves when the handler has returned; if it throws, it does not. The
  // handler must not receive from this subscriber.

  /// Calls `handler` with the next message if there is one.
  template <std::invocable<const T&> Handler>
  [[nodiscard]] std::expected<void, RecvError> try_visit(Handler&& handler) {
    const kernel::ReadStatus status =
        read_one([&handler](const T& message) { std::invoke(handler, message); });
    if (status != kernel::ReadStatus::Ready) [[unlikely]]
      return error_of(status);
    moved();
    return {};
  }

  /// Calls `handler` with the next message; waits for it.
  template <std::invocable<const T&> Handler>
  [[nodiscard]] std::expected<void, RecvError> visit(Handler&& handler,
                                                     const AnyDeadline& deadline = {},
                                                     const std::stop_token& stop = {}) {
    return waiting([&] { return try_visit(handler); }, deadline.point(), stop);
  }

  /// Calls `handler` with up to `limit` messages that are there, and returns how many.
  template <std::invocable<const T&> Handler>
  [[nodiscard]] std::expected<std::size_t, RecvError> poll(Handler&& handler, std::size_t limit) {
    for (std::size_t count = 0; count < limit; ++count) {
      const kernel::ReadStatus status =
          read_one([&handler](const T& message) { std::invoke(handler, message); });
      if (status != kernel::ReadStatus::Ready) {
        // Whatever it is, it is still so at the next call: lag is not taken note of before it is
        // told.
        if (count > 0) return count;
        return error_of(status);
      }
      moved();
    }
    return limit;
  }

  /// The next message if there is one, kept readable in place for as long as the returned value
  /// lives, which may be longer than this subscriber and the bus. Allocates if this is the most
  /// anybody ever held.
  [[nodiscard]] std::expected<Borrowed<T>, RecvError> try_borrow() {
    Borrowed<T> borrowed{state_};
    kernel::ReadStatus status{};
    if constexpr (flavor::kDensePossible<T>) {
      if (dense_) status = dense_.read([&](const T& message) { borrowed.keep(message); });
    }
    if (shared_) status = shared_.hold(borrowed.hold());
    if (status != kernel::ReadStatus::Ready) [[unlikely]]
      return error_of(status);
    moved();
    return borrowed;
  }

  /// As `try_borrow`, but waits.
  [[nodiscard]] std::expected<Borrowed<T>, RecvError> borrow(const AnyDeadline& deadline = {},
                                                             const std::stop_token& stop = {}) {
    return waiting([&] { return try_borrow(); }, deadline.point(), stop);
  }

  // Where this subscriber stands.

  /// How many messages lie between the cursor and the tail; above `capacity()` some are lost
  /// already.
  [[nodiscard]] std::uint64_t lag() const noexcept { return state_->tail() - cursor(); }
  /// The sequence of the next message it reads.
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return cursor(); }
  /// Messages received since it subscribed.
  [[nodiscard]] std::uint64_t received() const noexcept { return cursor() - start_ - missed_; }
  /// Messages missed since it subscribed, as reported by Lagged.
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return state_->capacity(); }
  [[nodiscard]] bool is_gating() const noexcept { return gate_ != nullptr; }
  /// How often it was woken from sleep.
  [[nodiscard]] std::uint64_t wakeups() const noexcept { return waiter_->wakeups(); }

  /// A new subscriber of the same kind that starts at the newest message. On a closed bus it only
  /// ever gets Closed.
  [[nodiscard]] Subscriber resubscribe() const {
    return Subscriber{state_, SubscribeOptions{.gating = is_gating(), .wait = strategy_}};
  }

  /// A file descriptor for event loops (poll, epoll, io_uring, libuv, ...): readable while there
  /// may be something to receive, which includes Lagged and Closed. It becomes unreadable when a
  /// receive answers Empty (or Timeout or Stopped), and only then, as that of a socket does. Under
  /// a loop that is level-triggered one receives as many messages at a time as one likes; under one
  /// that is edge-triggered, until Empty.
  ///
  /// Made at the first call, which allocates; an error if no descriptors are left. From then on an
  /// Empty costs one or two system calls, and a publisher that finds the descriptor unreadable
  /// writes to it once. It belongs to the subscriber: wait for it, do not read, write or close it,
  /// and take it out of the loop before the subscriber goes.
  [[nodiscard]] std::expected<int, std::error_code> descriptor() {
    if (descriptor_ == nullptr) {
      auto opened = wait::Descriptor::open(state_->waiters(), wait::kEverything);
      if (!opened) return std::unexpected{opened.error()};
      descriptor_ = *std::move(opened);
      static_cast<void>(found_nothing());
    }
    return descriptor_->number();
  }

  // Range-for: for (auto& item : subscriber) yields a Result for every message and every lag,
  // waits in between, and ends when the bus is closed.

  class Iterator {
   public:
    using value_type = Result;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    [[nodiscard]] Result& operator*() const noexcept { return *item_; }
    Iterator& operator++() {
      item_.emplace(subscriber_->recv());
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) noexcept {
      return !iterator.item_->has_value() && iterator.item_->error() == RecvError::Closed;
    }

   private:
    friend class Subscriber;
    explicit Iterator(Subscriber& subscriber)
        : subscriber_{&subscriber}, item_{std::in_place, subscriber.recv()} {}

    Subscriber* subscriber_ = nullptr;
    mutable std::optional<Result> item_;
  };

  [[nodiscard]] Iterator begin()
    requires std::copy_constructible<T>
  {
    return Iterator{*this};
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  template <Message>
  friend class Bus;
  friend struct detail::SubscriberAccess;

  Subscriber(std::shared_ptr<flavor::BusState<T>> state, const SubscribeOptions& options)
      : state_{std::move(state)}, waiter_{state_->waiters().claim()}, strategy_{options.wait} {
    if (options.gating) gate_ = state_->gates().claim();
    const bool complete =
        waiter_ != nullptr && make_reader() && (gate_ != nullptr || !options.gating);
    if (!complete) {
      if (gate_ != nullptr) state_->gates().leave(*gate_);
      if (waiter_ != nullptr) state_->waiters().release(*waiter_);
      throw std::bad_alloc{};
    }
    state_->add_subscriber();
    const auto tail = [this] { return state_->tail(); };
    start_ = gate_ != nullptr ? state_->gates().join(*gate_, tail) : tail();
    seek(start_);
    state_->attendance().enter();
  }

  void take(Subscriber& other) noexcept {
    dense_ = std::exchange(other.dense_, {});
    shared_ = std::exchange(other.shared_, {});
    gate_ = std::exchange(other.gate_, nullptr);
    waiter_ = std::exchange(other.waiter_, nullptr);
    suspension_ = std::exchange(other.suspension_, nullptr);
    descriptor_ = std::move(other.descriptor_);
    strategy_ = other.strategy_;
    start_ = other.start_;
    missed_ = other.missed_;
    state_ = std::move(other.state_);
  }

  void release() noexcept {
    if (state_ == nullptr) return;
    // Before the gate opens: who waits for room publishes to the others.
    state_->attendance().leave();
    state_->remove_subscriber();
    if (gate_ != nullptr) state_->gates().leave(*std::exchange(gate_, nullptr));
    if (suspension_ != nullptr) std::exchange(suspension_, nullptr)->detach();
    state_->waiters().release(*std::exchange(waiter_, nullptr));
    descriptor_.reset();
    dense_ = {};
    shared_ = {};
    state_.reset();
  }

  /// False if there is no memory.
  [[nodiscard]] bool make_reader() noexcept {
    if constexpr (flavor::kDensePossible<T>) {
      if (state_->is_dense()) {
        dense_ = typename flavor::DenseRing<T>::Reader{state_->dense(), 0};
        return true;
      }
    }
    shared_ = typename flavor::SharedRing<T>::Reader{state_->shared(), 0};
    return static_cast<bool>(shared_);
  }

  void seek(kernel::Sequence sequence) noexcept {
    if constexpr (flavor::kDensePossible<T>) {
      if (dense_) return dense_.seek(sequence);
    }
    shared_.seek(sequence);
  }

  [[nodiscard]] kernel::Sequence cursor() const noexcept {
    if constexpr (flavor::kDensePossible<T>) {
      if (dense_) return dense_.cursor();
    }
    return shared_.cursor();
  }

  [[nodiscard]] bool has_news() const noexcept {
    if constexpr (flavor::kDensePossible<T>) {
      if (dense_) return dense_.has_news();
    }
    return shared_.has_news();
  }

  template <class Deliver>
  [[nodiscard, gnu::always_inline]] kernel::ReadStatus read_one(Deliver&& deliver) {
    if constexpr (flavor::kDensePossible<T>) {
      if (dense_) return dense_.read(std::forward<Deliver>(deliver));
    }
    return shared_.read(std::forward<Deliver>(deliver));
  }

  [[nodiscard]] std::size_t read_many(std::span<T> out, kernel::ReadStatus& status) {
    if constexpr (flavor::kDensePossible<T>) {
      if (dense_) return dense_.read_many(out.data(), out.size(), status);
    }
    return shared_.read_many(out.data(), out.size(), status);
  }

  /// After the cursor moved: tells publishers that wait for it.
  void moved() noexcept {
    if (gate_ != nullptr) state_->gates().moved(*gate_, cursor());
  }

  /// What to tell the caller; Lagged moves the cursor and counts.
  [[gnu::noinline]] std::unexpected<RecvError> error_of(kernel::ReadStatus status) noexcept {
    if (status == kernel::ReadStatus::Empty) {
      if (descriptor_ != nullptr) [[unlikely]]
        return found_nothing();
      return std::unexpected<RecvError>{RecvError::Empty};
    }
    if (status == kernel::ReadStatus::Closed) return std::unexpected<RecvError>{RecvError::Closed};
    const std::uint64_t missed = skip_to_oldest();
    missed_ += missed;
    moved();
    return std::unexpected{RecvError::lagged(missed)};
  }

  [[nodiscard]] std::uint64_t skip_to_oldest() noexcept {
    if constexpr (flavor::kDensePossible<T>) {
      if (dense_) return dense_.skip_to_oldest();
    }
    return shared_.skip_to_oldest();
  }

  [[nodiscard, gnu::always_inline]] Result recv_until_point(const wait::Deadline& deadline,
                                                            const std::stop_token& stop) {
    return waiting([this] { return try_recv(); }, deadline, stop);
  }

  /// Makes `attempt` when there is something to receive.
  template <class Attempt>
  [[nodiscard, gnu::always_inline]] std::invoke_result_t<Attempt> waiting(
      const Attempt& attempt, const wait::Deadline& deadline, const std::stop_token& stop) {
    if (!has_news()) [[unlikely]] {
      const wait::WaitStatus status = wait_for_news(deadline, stop);
      if (status == wait::WaitStatus::Timeout) {
        return std::unexpected<RecvError>{RecvError::Timeout};
      }
      if (status == wait::WaitStatus::Stopped) {
        return std::unexpected<RecvError>{RecvError::Stopped};
      }
    }
    return attempt();
  }

  [[nodiscard, gnu::noinline]] wait::WaitStatus wait_for_news(const wait::Deadline& deadline,
                                                              const std::stop_token& stop) {
    const auto news = [this] { return has_news(); };
    const wait::WaitStatus status = flavor::wait_at_edge(state_->linger(), state_->waiters(),
                                                         *waiter_, strategy_, news, deadline, stop);
    if (status != wait::WaitStatus::Ready && descriptor_ != nullptr) {
      static_cast<void>(found_nothing());
    }
    return status;
  }

  /// Lets the descriptor tell of what comes from now on.
  [[gnu::noinline, gnu::cold]] std::unexpected<RecvError> found_nothing() noexcept {
    descriptor_->rest([this] { return has_news(); });
    return std::unexpected<RecvError>{RecvError::Empty};
  }

  // Declared in this order so that the readers go before the state.
  std::shared_ptr<flavor::BusState<T>> state_;
  typename flavor::DenseRing<T>::Reader dense_;
  typename flavor::SharedRing<T>::Reader shared_;
  flavor::Gate* gate_ = nullptr;
  wait::Waiter* waiter_ = nullptr;
  wait::Suspension* suspension_ = nullptr;  ///< if it ever received asynchronously
  std::unique_ptr<wait::Descriptor> descriptor_;
  WaitStrategy strategy_ = WaitStrategy::SpinThenSleep;
  kernel::Sequence start_ = 0;
  std::uint64_t missed_ = 0;
};

}  // namespace ron
