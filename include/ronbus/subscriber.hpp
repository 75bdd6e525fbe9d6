// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "ronbus/base/exceptions.hpp"
#include "ronbus/borrowed.hpp"
#include "ronbus/deadline.hpp"
#include "ronbus/error.hpp"
#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/edge.hpp"
#include "ronbus/flavor/filter.hpp"
#include "ronbus/flavor/reader.hpp"
#include "ronbus/flavor/subscription.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/subscribe_options.hpp"
#include "ronbus/sync/probe.hpp"
#include "ronbus/wait/blocking_wait.hpp"
#include "ronbus/wait/descriptor.hpp"
#include "ronbus/wait/suspension.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron {

namespace detail {
struct SubscriberAccess;
}

/// One reader of a bus, with a cursor of its own. Sees every message from where it started, in the
/// order all subscribers see, or is told exactly how many it missed. At any quiet moment
/// `received() + filtered() + missed() + lag()` is what was published since its start.
///
/// Threads: one at a time; move-only, and good for nothing after a move. It does not keep the bus
/// open, but what is retained stays readable after the bus is closed and gone. The try_ functions
/// never block and never allocate; those without spin briefly, then sleep.
///
/// Every receive answers with a RecvError where there is no message:
///   Lagged    n messages were missed; the cursor has moved on as told in OnLag
///   Closed    the bus is closed and everything retained was read
///   Disconnected   it was overrun, and had asked for this by OnLag::Disconnect
///   Empty, Timeout, Stopped   nothing there (yet)
///
/// What the subscriber does not want (SubscribeOptions::interest, Predicate) is passed over in its
/// own receives. A try_ function answers Empty if nothing that it wants was published before the
/// call, and looks at no more messages for that than the bus retains.
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
    const kernel::ReadStatus status = read_into(result);
    if (status != kernel::ReadStatus::Ready) [[unlikely]]
      result = error_of(status);
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
    const std::size_t count = reader_.read_many(out, status);
    if (count == 0) [[unlikely]]
      return error_of(status);
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
  // handler must not receive from this subscriber, move it or destroy it.

  /// Calls `handler` with the next message if there is one.
  template <std::invocable<const T&> Handler>
  [[nodiscard, gnu::always_inline]] std::expected<void, RecvError> try_visit(Handler&& handler) {
    const kernel::ReadStatus status =
        reader_.read([&handler](const T& message) { std::invoke(handler, message); });
    if (status != kernel::ReadStatus::Ready) [[unlikely]]
      return error_of(status);
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
          reader_.read([&handler](const T& message) { std::invoke(handler, message); });
      if (status != kernel::ReadStatus::Ready) {
        // Whatever it is, it is still so at the next call: lag is not taken note of before it is
        // told.
        if (count > 0) return count;
        return error_of(status);
      }
    }
    return limit;
  }

  /// The next message if there is one, kept readable in place for as long as the returned value
  /// lives, which may be longer than this subscriber and the bus. Allocates if this is the most
  /// anybody ever held.
  [[nodiscard]] std::expected<Borrowed<T>, RecvError> try_borrow() {
    Borrowed<T> borrowed{state_};
    const kernel::ReadStatus status = reader_.keep(borrowed);
    if (status != kernel::ReadStatus::Ready) [[unlikely]]
      return error_of(status);
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
  [[nodiscard]] std::uint64_t lag() const noexcept { return state_->tail() - reader_.cursor(); }
  /// The sequence of the next message it reads.
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return reader_.cursor(); }
  /// Messages received since its start.
  [[nodiscard]] std::uint64_t received() const noexcept {
    return reader_.cursor() - start_ - missed_ - reader_.filtered();
  }
  /// Messages passed over since its start because it did not want them.
  [[nodiscard]] std::uint64_t filtered() const noexcept { return reader_.filtered(); }
  /// Messages missed since its start, as reported by Lagged.
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return state_->capacity(); }
  [[nodiscard]] bool is_gating() const noexcept { return record_->gating(); }
  /// What it was called when it subscribed. Allocates.
  [[nodiscard]] std::string name() const { return record_->name(); }
  /// How often it was woken while it waited, in whichever way: asleep, suspended, by a Selector, or
  /// by its descriptor, of which it learns when it finds nothing the next time.
  [[nodiscard]] std::uint64_t wakeups() const noexcept { return record_->wakeups(); }

  /// As Bus::record_end_to_end, for who has the subscriber at hand.
  void record_end_to_end(std::chrono::nanoseconds time) const noexcept {
    if (auto* const measurements = state_->measurements()) measurements->end_to_end(time);
  }

  /// A new subscriber of the same kind that starts at the newest message. On a closed bus it only
  /// ever gets Closed. Allocates; throws std::bad_alloc and what copying the predicate throws.
  [[nodiscard]] Subscriber resubscribe() const {
    return Subscriber{state_, options(), filter(), From::newest()};
  }

  /// A new subscriber of the same kind that goes on where this one stands, with counts of its own:
  /// it reads next what this one reads next. If this one gates, the new one loses nothing either.
  /// Disconnected if this one is. Allocates and throws as `resubscribe`.
  [[nodiscard]] Subscriber fork() const {
    Subscriber twin{state_, options(), filter(), Beside{reader_.cursor()}};
    if (reader_.has_ended()) twin.disconnect();
    return twin;
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
      auto opened = wait::Descriptor::open(state_->waiters(), record_->owner(), interest());
      if (!opened) return std::unexpected{opened.error()};
      descriptor_ = *std::move(opened);
      marks_empty_ = true;
      static_cast<void>(found_nothing());
    }
    return descriptor_->number();
  }

  // Range-for: for (auto& item : subscriber) yields a Result for every message and every lag,
  // waits in between, and ends when the bus is closed or the subscriber disconnected.

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
      return !iterator.item_->has_value() && iterator.item_->error().is_end();
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

  /// A start wherever another subscriber stands, overwritten or not.
  struct Beside {
    kernel::Sequence cursor;
    [[nodiscard]] kernel::Sequence sequence(kernel::Sequence /*tail*/,
                                            std::size_t /*capacity*/) const noexcept {
      return cursor;
    }
  };
  /// A start at one sequence, or next to it if that is impossible.
  struct Exactly {
    kernel::Sequence asked;
    [[nodiscard]] SubscribeError range(kernel::Sequence tail, std::size_t capacity) const noexcept {
      const kernel::Sequence oldest = From::oldest().sequence(tail, capacity);
      const auto kind = asked < oldest ? SubscribeError::TooOld : SubscribeError::TooNew;
      return {.kind = kind, .asked = asked, .oldest = oldest, .next = tail};
    }
    [[nodiscard]] kernel::Sequence sequence(kernel::Sequence tail,
                                            std::size_t capacity) const noexcept {
      const SubscribeError possible = range(tail, capacity);
      return std::clamp(asked, possible.oldest, possible.next);
    }
  };

  explicit Subscriber(std::shared_ptr<flavor::BusState<T>> state) noexcept
      : state_{std::move(state)} {}

  /// `from.sequence(tail, capacity)` tells where to start; asked twice, the last answer counts.
  template <class Start>
  Subscriber(std::shared_ptr<flavor::BusState<T>> state, const SubscribeOptions& options,
             flavor::Filter<T> filter, const Start& from)
      : Subscriber{std::move(state)} {
    // From here on the destructor runs, also if there is no memory.
    strategy_ = options.wait;
    on_lag_ = options.on_lag;
    record_ = state_->subscriptions().claim(options.gating, options.name);
    if (record_ != nullptr) waiter_ = state_->waiters().claim(record_->owner());
    const bool measures = state_->measurements() != nullptr;
    if (waiter_ != nullptr && (!measures || record_->measure_distances())) {
      reader_ = flavor::Reader<T>{*state_, *record_, std::move(filter)};
    }
    if (!reader_) base::out_of_memory();
    state_->waiters().set_interest(*waiter_, interest());
    if (options.on_lag_episode) {
      on_episode_ = std::make_unique<LagHandler>(options.on_lag_episode);
    }
    state_->add_subscriber();
    subscribed_ = true;
    const kernel::Sequence tail = state_->tail();
    start_ = state_->subscriptions().join(
        *record_, [&] { return from.sequence(state_->tail(), state_->capacity()); });
    reader_.seek(start_);
    state_->attendance().enter(std::max(start_, tail));
  }

  /// Starts at `sequence` if that is retained or the next.
  [[nodiscard]] static std::expected<Subscriber, SubscribeError> at(
      std::shared_ptr<flavor::BusState<T>> state, const SubscribeOptions& options,
      flavor::Filter<T> filter, kernel::Sequence sequence) {
    const Exactly exactly{sequence};
    const SubscribeError now = exactly.range(state->tail(), state->capacity());
    if (now.oldest > sequence || sequence > now.next) return std::unexpected{now};
    Subscriber subscriber{std::move(state), options, std::move(filter), exactly};
    if (subscriber.start_ == sequence) return subscriber;
    // Overwritten in between.
    return std::unexpected{exactly.range(subscriber.state_->tail(), subscriber.capacity())};
  }

  /// What it is woken for.
  [[nodiscard]] Interest interest() const noexcept {
    return reader_.filter() != nullptr ? reader_.filter()->interest : kEveryInterest;
  }

  /// Itself, as it was subscribed.
  [[nodiscard]] SubscribeOptions options() const {
    return {.gating = is_gating(),
            .wait = strategy_,
            .on_lag = on_lag_,
            .on_lag_episode = on_episode_ != nullptr ? *on_episode_ : LagHandler{},
            .name = name()};
  }
  [[nodiscard]] flavor::Filter<T> filter() const {
    return reader_.filter() != nullptr ? *reader_.filter() : flavor::Filter<T>{};
  }

  void take(Subscriber& other) noexcept {
    reader_ = std::exchange(other.reader_, {});
    record_ = std::exchange(other.record_, nullptr);
    waiter_ = std::exchange(other.waiter_, nullptr);
    suspension_ = std::exchange(other.suspension_, nullptr);
    descriptor_ = std::move(other.descriptor_);
    on_episode_ = std::move(other.on_episode_);
    strategy_ = other.strategy_;
    on_lag_ = other.on_lag_;
    subscribed_ = other.subscribed_;
    marks_empty_ = other.marks_empty_;
    start_ = other.start_;
    missed_ = other.missed_;
    state_ = std::move(other.state_);
  }

  void release() noexcept {
    if (state_ == nullptr) return;
    leave();
    if (suspension_ != nullptr) std::exchange(suspension_, nullptr)->detach();
    descriptor_.reset();
    reader_ = {};
    if (waiter_ != nullptr) state_->waiters().release(*std::exchange(waiter_, nullptr));
    if (record_ != nullptr) state_->subscriptions().release(*std::exchange(record_, nullptr));
    state_.reset();
  }

  /// From here on nobody counts it or waits for it.
  void leave() noexcept {
    if (!std::exchange(subscribed_, false)) return;
    // Not counted any more when its gate opens: who waits for room publishes to the others.
    state_->attendance().leave(state_->tail());
    state_->remove_subscriber();
    state_->subscriptions().leave(*record_);
  }

  void disconnect() noexcept {
    reader_.end();
    leave();
  }

  /// What to tell the caller; Lagged moves the cursor and counts.
  [[gnu::noinline]] std::unexpected<RecvError> error_of(kernel::ReadStatus status) {
    if (status == kernel::ReadStatus::Empty && !marks_empty_) [[likely]]
      return std::unexpected<RecvError>{RecvError::Empty};
    return error_with_effect(status);
  }
  [[gnu::noinline]] std::unexpected<RecvError> error_with_effect(kernel::ReadStatus status) {
    switch (status) {
      case kernel::ReadStatus::Lagged:
        return std::unexpected{RecvError::lagged(go_on())};
      case kernel::ReadStatus::Closed:
        end_episode();
        return std::unexpected<RecvError>{reader_.has_ended() ? RecvError::Disconnected
                                                              : RecvError::Closed};
      default:
        return found_nothing();
    }
  }

  /// After it was overrun: goes on where it was told to. Returns how many messages it missed.
  [[nodiscard]] std::uint64_t go_on() {
    std::uint64_t missed = reader_.skip_to_oldest();
    const kernel::Sequence tail = state_->tail();
    if (on_lag_ != OnLag::ToOldest) {
      const kernel::Sequence to = tail - (on_lag_ == OnLag::ToNewest ? 1 : 0);
      missed += to - reader_.cursor();
      reader_.seek(to);
    }
    missed_ += missed;
    const kernel::Sequence resumed = reader_.cursor();
    record_->show_lag(missed_);
    const bool begins =
        record_->lag_log().lost(missed, tail - (resumed - missed), resumed, state_->capacity());
    marks_empty_ = true;
    record_->show(resumed);
    RONBUS_PROBE(lag, state_->attention(), record_->id(), missed, resumed,
                 state_->config().name.c_str(), record_->name_letters());
    if (on_lag_ == OnLag::Disconnect) disconnect();
    if (begins && on_episode_ != nullptr) {
      (*on_episode_)(*record_->lag_log().read(resumed, state_->capacity()).last);
    }
    return missed;
  }

  /// Puts the next message in place of `result`, which holds an error; it still does if there is
  /// none, or if the copy throws.
  [[nodiscard, gnu::always_inline]] kernel::ReadStatus read_into(Result& result) {
    return reader_.read([&result](const T& message) __attribute__((always_inline)) {
      if constexpr (std::is_nothrow_copy_constructible_v<T>) {
        std::construct_at(&result, message);
      } else {
        base::or_undo([&] { std::construct_at(&result, std::in_place, message); },
                      [&] { std::construct_at(&result, std::unexpect, RecvError::Empty); });
      }
    });
  }

  [[nodiscard, gnu::always_inline]] Result recv_until_point(const wait::Deadline& deadline,
                                                            const std::stop_token& stop) {
    Result result{std::unexpect, RecvError::Empty};
    for (;;) {
      const kernel::ReadStatus status = read_into(result);
      if (status == kernel::ReadStatus::Ready) [[likely]]
        return result;
      result =
          status == kernel::ReadStatus::Empty ? wait_for_news(deadline, stop) : error_of(status);
      if (result.error() != RecvError::Empty) return result;
    }
  }

  /// Repeats `attempt` until it answers anything but Empty, or waiting has to end.
  template <class Attempt>
  [[nodiscard]] std::invoke_result_t<Attempt> waiting(const Attempt& attempt,
                                                      const wait::Deadline& deadline,
                                                      const std::stop_token& stop) {
    for (;;) {
      auto result = attempt();
      if (result || result.error() != RecvError::Empty) [[likely]]
        return result;
      const std::unexpected<RecvError> waited = wait_for_news(deadline, stop);
      if (waited.error() != RecvError::Empty) return waited;
    }
  }

  /// Waits until there may be something to receive. Empty if so; else why it had to end.
  [[nodiscard, gnu::noinline]] std::unexpected<RecvError> wait_for_news(
      const wait::Deadline& deadline, const std::stop_token& stop) {
    end_episode();
    switch (wait_status(deadline, stop)) {
      case wait::WaitStatus::Ready:
        return std::unexpected<RecvError>{RecvError::Empty};
      case wait::WaitStatus::Timeout:
        if (descriptor_ != nullptr) static_cast<void>(found_nothing());
        return std::unexpected<RecvError>{RecvError::Timeout};
      case wait::WaitStatus::Stopped:
        if (descriptor_ != nullptr) static_cast<void>(found_nothing());
        return std::unexpected<RecvError>{RecvError::Stopped};
    }
    std::unreachable();
  }

  [[nodiscard]] wait::WaitStatus wait_status(const wait::Deadline& deadline,
                                             const std::stop_token& stop) {
    // If there is always something, but nothing that is wanted, the wait below never looks at
    // these.
    if (reader_.is_special()) {
      if (stop.stop_requested()) return wait::WaitStatus::Stopped;
      if (deadline && std::chrono::steady_clock::now() >= *deadline) {
        return wait::WaitStatus::Timeout;
      }
    }
    const auto news = [this] { return has_news(); };
    return flavor::wait_at_edge(state_->linger(), state_->waiters(), *waiter_, strategy_, news,
                                deadline, stop);
  }

  [[nodiscard]] bool has_news() const noexcept { return reader_.has_news() || reader_.has_ended(); }

  /// It has caught up, and its descriptor tells of what comes from now on.
  [[gnu::noinline, gnu::cold]] std::unexpected<RecvError> found_nothing() noexcept {
    end_episode();
    if (descriptor_ != nullptr) descriptor_->rest([this] { return has_news(); });
    return std::unexpected<RecvError>{RecvError::Empty};
  }
  void end_episode() noexcept {
    if (!marks_empty_) return;
    if (record_->lag_log().is_open()) record_->lag_log().caught_up();
    marks_empty_ = descriptor_ != nullptr;
  }

  // Declared in this order so that the reader goes before the state.
  std::shared_ptr<flavor::BusState<T>> state_;
  flavor::Reader<T> reader_;
  flavor::Subscription* record_ = nullptr;
  wait::Waiter* waiter_ = nullptr;
  wait::Suspension* suspension_ = nullptr;  ///< if it ever received asynchronously
  std::unique_ptr<wait::Descriptor> descriptor_;
  std::unique_ptr<LagHandler> on_episode_;
  WaitStrategy strategy_ = WaitStrategy::SpinThenSleep;
  OnLag on_lag_ = OnLag::ToOldest;
  bool subscribed_ = false;   ///< others see it
  bool marks_empty_ = false;  ///< something is to be done when there is nothing to read
  kernel::Sequence start_ = 0;
  std::uint64_t missed_ = 0;
};

}  // namespace ron
