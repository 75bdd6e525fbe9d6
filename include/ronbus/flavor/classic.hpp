// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The classic flavor of publishing: every publish, and every batch, ends with one look at the
// attention word, and wakes those who sleep.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <expected>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <ranges>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

#include "ronbus/error.hpp"
#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/topics.hpp"
#include "ronbus/interest.hpp"
#include "ronbus/sync/probe.hpp"

namespace ron::flavor {

template <Message T>
struct Detour;

/// Whether taking messages from an iterator runs no code but copies of bytes, given that T is
/// trivially copyable.
template <class Iterator, class T>
inline constexpr bool kOnlyReads =
    std::contiguous_iterator<Iterator> && std::is_same_v<std::iter_value_t<Iterator>, T>;
template <class Iterator, class T>
inline constexpr bool kOnlyReads<std::move_iterator<Iterator>, T> = kOnlyReads<Iterator, T>;

/// The publishing end of one handle. One thread at a time. Does not keep the bus state alive.
template <Message T>
class ClassicOutlet {
 public:
  using Result = std::expected<std::size_t, PublishError>;

  /// One that publishes nothing itself: all but `publish` goes by the detour.
  explicit ClassicOutlet(Detour<T>& detour) noexcept : state_{nullptr}, detour_{&detour} {}

  [[gnu::always_inline]] explicit ClassicOutlet(BusState<T>& state) noexcept : state_{&state} {
    if (state.single_publisher()) {
      sole_ = state.take_sole_right();
      if (!sole_) {
        failure_ = PublishError::Busy;
        return;
      }
    }
    if (state.is_shared()) [[likely]] {
      make(shared_, state.shared());
      if (!shared_) failure_ = PublishError::OutOfMemory;
      return;
    }
    if constexpr (kDensePossible<T>) {
      if (state.is_dense()) {
        if (!state.dense().is_closed()) make(dense_, state.dense());
        return;
      }
    }
    if constexpr (kBatchesPossible<T>) {
      make(batches_, state.batches());
      if (!batches_) failure_ = PublishError::OutOfMemory;
    }
  }

  /// Why the outlet cannot be used, if it cannot: Busy or OutOfMemory.
  [[nodiscard]] const std::optional<PublishError>& failure() const noexcept { return failure_; }

  ClassicOutlet(ClassicOutlet&& other) noexcept
      : state_{std::exchange(other.state_, nullptr)},
        dense_{std::exchange(other.dense_, {})},
        batches_{std::exchange(other.batches_, {})},
        shared_{std::exchange(other.shared_, {})},
        limit_{std::exchange(other.limit_, 0)},
        sole_{std::exchange(other.sole_, false)},
        detour_{std::exchange(other.detour_, nullptr)},
        meter_{std::exchange(other.meter_, nullptr)} {}
  ClassicOutlet& operator=(ClassicOutlet&&) = delete;
  ClassicOutlet(const ClassicOutlet&) = delete;
  ClassicOutlet& operator=(const ClassicOutlet&) = delete;
  ~ClassicOutlet() { let_go(); }

  /// Gives back all it holds. From now on it only refuses.
  void release() noexcept {
    let_go();
    batches_ = {};
  }

  /// From here on it measures, if its bus does. False if there is no memory.
  [[nodiscard]] bool measure() noexcept {
    if (!kHasMetrics || state_->measurements() == nullptr) return true;
    meter_ = new (std::nothrow) Meter{.measurements = *state_->measurements()};
    return meter_ != nullptr;
  }

  /// False if it can only refuse (it was released or moved from, or found the bus closed), or is
  /// about to measure.
  [[nodiscard]] explicit operator bool() const noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) [[likely]]
        return true;
    }
    return shared_ || batches_;
  }

  /// Publishes a message made from `args`. Returns the subscribers it covers, 0 if it was refused.
  template <class... Args>
  [[gnu::always_inline]] std::size_t publish(Args&&... args) {
    return publish_noting([](kernel::Sequence /*sequence*/) {}, std::forward<Args>(args)...);
  }

  /// As `publish`; tells `note` the message's sequence before anybody is woken for it.
  template <class Note, class... Args>
  [[gnu::always_inline]] std::size_t publish_noting(const Note& note, Args&&... args) {
    if constexpr (kDensePossible<T>) {
      if (dense_) [[likely]] {
        const Topics<T> topics = topics_of(args...);
        T message(std::forward<Args>(args)...);
        // Making it may have published by this outlet, and have found the bus closed or a sample
        // due.
        if (!dense_) [[unlikely]]
          return resume() ? publish_measured(std::move(message)) : refuse(1);
        const sync::Attention::Flags flags = dense_.publish(message);
        note(dense_.published() - 1);
        if (flags == 0) RONBUS_PROBE(publish, state_->attention(), dense_.published(), 1);
        if (flags != 0 && finish_dense(flags, topics) == 0) [[unlikely]]
          return refuse(1);
        return state_->subscribers();
      }
    }
    if (!shared_) [[unlikely]] {
      if constexpr (kBatchesPossible<T>) {
        if (batches_) return publish_alone(note, std::forward<Args>(args)...);
      }
      if (!resume()) return refuse(1);
      // Made here: elsewhere it need not have an address.
      return publish_measured(T(std::forward<Args>(args)...));
    }
    const Topics<T> topics = topics_of(args...);
    const auto prepared = shared_.prepare(std::forward<Args>(args)...);
    if (!prepared || !commit(prepared)) [[unlikely]]
      return refuse(1);
    note(shared_.position() - 1);
    BusState<T>& state = *state_;
    RONBUS_PROBE(publish, state.attention(), shared_.position(), 1);
    if (state.attention().after_swap() != 0) [[unlikely]]
      finish_shared(topics);
    return state.subscribers_after_swap();
  }

  /// Publishes `count` messages, made from `next` on. Returns the subscribers covered, 0 if any
  /// message was refused.
  template <class Iterator>
  std::size_t publish_many(Iterator next, std::size_t count) {
    if (state_ == nullptr) return detour_ == nullptr ? 0 : detour().publish_many(next, count);
    const bool yielding = state_->config().epoch_yield.value;
    const std::size_t burst = yielding ? state_->config().burst.value : count;
    while (count > 0) {
      const std::size_t now = std::min(count, burst);
      const BatchSample sample{*this};
      const std::size_t accepted = accept(next, now);
      sample.end(accepted);
      if (accepted < now) return refuse(count - accepted);
      count -= now;
      if (yielding) std::this_thread::yield();
    }
    return state_->subscribers_after_swap();
  }

  /// Measures the publish of a batch that takes place while it exists.
  class BatchSample {
   public:
    explicit BatchSample(ClassicOutlet& outlet) noexcept : outlet_{outlet} {
      if (kHasMetrics && outlet.meter_ != nullptr) [[unlikely]]
        begin();
    }
    /// After so many messages became part of the order.
    void end(std::size_t messages) const noexcept {
      if (kHasMetrics && outlet_.meter_ != nullptr) [[unlikely]]
        finish(messages, false);
    }
    /// The same, of messages that were published one by one.
    void end_of_publishes(std::size_t messages) const noexcept {
      if (kHasMetrics && outlet_.meter_ != nullptr) [[unlikely]]
        finish(messages, true);
    }

   private:
    [[gnu::noinline]] void begin() noexcept {
      outlet_.resume();
      outlet_.meter_->batching = true;
      is_timed_ = std::exchange(outlet_.meter_->due, false);
      if (is_timed_) begin_ = Clock::now();
    }
    [[gnu::noinline]] void finish(std::size_t messages, bool are_publishes) const noexcept {
      outlet_.meter_->batching = false;
      if (messages == 0) return;
      Measurements& measurements = outlet_.meter_->measurements;
      measurements.handed_over(messages);
      if (!is_timed_) return;
      if (are_publishes) measurements.published(begin_, Clock::now());
      measurements.stamp(outlet_.position() - 1, begin_);
    }

    ClassicOutlet& outlet_;
    bool is_timed_ = false;
    Clock::time_point begin_;
  };

  // The parts of a publish, for outlets that collect messages first.

  /// Publishes up to `count` messages from `next` on and advances it past them. Returns how many
  /// are part of the order; the others are for the caller to refuse.
  template <class Iterator>
  std::size_t publish_some(Iterator& next, std::size_t count) {
    return accept(next, count);
  }
  /// Puts a message into a node that nobody else knows. False if there is no memory.
  template <class... Args>
  [[nodiscard]] typename SharedRing<T>::Prepared prepare(Args&&... args) {
    return shared_.prepare(std::forward<Args>(args)...);
  }
  /// As `publish_some`, for messages that are prepared.
  std::size_t publish_prepared(typename SharedRing<T>::Prepared*& next,
                               std::size_t count) noexcept {
    Topics<T> topics = new_topics();
    const kernel::Sequence begin = shared_.position();
    std::size_t accepted = 0;
    for (; accepted < count; ++accepted, ++next) {
      if constexpr (HasInterest<T>) topics.note(shared_.message(*next));
      if (shared_.commit(*next) != kernel::CommitStatus::Done) [[unlikely]]
        break;
      // A closer waits for the tail to stand still.
      if ((state_->attention().peek() & sync::Attention::kClosing) != 0) [[unlikely]]
        attend_shared(topics, begin);
    }
    RONBUS_PROBE(publish, state_->attention(), shared_.position(), accepted);
    attend_shared(topics, begin);
    return accepted;
  }
  void abandon(const typename SharedRing<T>::Prepared& prepared) noexcept {
    shared_.abandon(prepared);
  }

  /// Counts messages that were not published. Returns 0, as what refuses does.
  [[gnu::noinline]] std::size_t refuse(std::size_t count) noexcept {
    if (state_ == nullptr) return 0;
    state_->add_refused(count);
    // Whoever began to close may be halted before it woke the sleepers.
    if (state_->is_closing() && !state_->is_closed()) state_->close();
    return 0;
  }

  /// Publishes `message` unless that would overrun a gating subscriber. On any error a `message`
  /// given as rvalue has its value still.
  template <class U>
  Result try_publish(U&& message) {
    return attempt(std::forward<U>(message), 1);
  }

  /// As `try_publish`, but waits for room.
  template <class U>
  Result publish_wait(U&& message, const wait::Deadline& deadline, const std::stop_token& stop) {
    return waiting([&] { return try_publish(std::forward<U>(message)); }, deadline, stop);
  }

  /// Publishes messages from `next` on, as many of `count` as overrun no gating subscriber, and
  /// advances `next` past them. Returns their number; an error only if that is 0.
  template <class Iterator>
  Result try_publish_many(Iterator& next, std::size_t count) {
    if (count == 0) return 0;
    if (detour_ != nullptr) [[unlikely]]
      return detour().try_publish_many(next, count);
    std::size_t done = 0;
    // The limit may be older than what gating subscribers have read since, if there are any.
    while (done < count && publishes_batches()) {
      if (position() >= limit_ && !refresh_limit()) [[unlikely]]
        return done > 0 ? Result{done} : no_room(count);
      const BatchSample sample{*this};
      const std::size_t accepted = accept(next, count - done, limit_);
      sample.end(accepted);
      if (accepted == 0) break;
      done += accepted;
    }
    for (; done < count; ++done, ++next) {
      // A part of a batch is no refusal: whoever asks for the rest is refused then.
      const Result published = attempt(*next, done == 0 ? count : 0);
      if (published) continue;
      return done > 0 ? Result{done} : published;
    }
    return count;
  }

  /// As `try_publish_many`, but waits for room until all are published.
  template <class Iterator>
  Result publish_many_wait(Iterator next, std::size_t count, const wait::Deadline& deadline,
                           const std::stop_token& stop) {
    std::size_t done = 0;
    while (done < count) {
      const Result result =
          waiting([&] { return try_publish_many(next, count - done); }, deadline, stop);
      if (!result && done == 0) return result;
      if (!result) break;
      done += *result;
    }
    return done;
  }

 private:
  /// Makes a writer in place of an empty one: to copy what was just written in parts costs 10 ns.
  template <class Writer, class Ring>
  static void make(Writer& empty, Ring& ring) noexcept {
    std::destroy_at(&empty);
    std::construct_at(&empty, ring);
  }

  /// As `release`, but for what goes with the outlet anyway.
  void let_go() noexcept {
    if (meter_ != nullptr) [[unlikely]]
      drop_meter();
    dense_ = {};
    shared_ = {};
    limit_ = 0;
    if (std::exchange(sole_, false)) state_->return_sole_right();
    state_ = nullptr;
    detour_ = nullptr;
  }

  /// As `try_publish`; counts `refused` messages if the bus is closed.
  template <class U>
  [[gnu::always_inline]] Result attempt(U&& message, std::size_t refused) {
    if (position_unless_in_batches() >= limit_ && !has_room_here()) [[unlikely]] {
      const auto failure = attempt_elsewhere(std::forward<U>(message), refused);
      if (failure) return std::unexpected{*failure};
      return (detour_ != nullptr ? detour_->outlet : *this).state_->subscribers_after_swap();
    }
    if constexpr (kDensePossible<T>) {
      if (dense_) [[likely]] {
        if constexpr (std::is_same_v<std::remove_cvref_t<U>, T>) {
          const Topics<T> topics = topics_of(message);
          const sync::Attention::Flags flags = dense_.publish(message);
          if (flags == 0) RONBUS_PROBE(publish, state_->attention(), dense_.published(), 1);
          if (flags != 0 && attend_dense(flags, 1, topics) == 0) [[unlikely]]
            return closed(refused);
          return state_->subscribers();
        } else {
          // All is asked again, for making it may have published by this outlet.
          const T made(std::forward<U>(message));
          return attempt(made, refused);
        }
      }
    }
    if (!shared_) [[unlikely]]
      return closed(refused);
    const Topics<T> topics = topics_of(message);
    const auto prepared = shared_.prepare(std::forward<U>(message));
    if (!prepared) [[unlikely]]
      return std::unexpected{PublishError::OutOfMemory};
    for (;;) {
      const kernel::CommitStatus status = shared_.commit_within(prepared, limit_);
      if (status == kernel::CommitStatus::Done) [[likely]]
        break;
      if (status == kernel::CommitStatus::Full && refresh_limit()) continue;
      if (status == kernel::CommitStatus::Refused && resume()) continue;
      // It has been moved into the node; this moves it back.
      give_back(prepared, std::forward<U>(message));  // NOLINT(bugprone-use-after-move)
      return status == kernel::CommitStatus::Full ? no_room(refused) : closed(refused);
    }
    BusState<T>& state = *state_;
    RONBUS_PROBE(publish, state.attention(), shared_.position(), 1);
    attend_shared(topics, shared_.position() - 1);
    return state.subscribers_after_swap();
  }

  /// As `publish_noting`, as a batch of one.
  template <class Note, class... Args>
  [[gnu::noinline]] std::size_t publish_alone(const Note& note, Args&&... args) {
    const Topics<T> topics = topics_of(args...);
    T message(std::forward<Args>(args)...);
    // Making it may have published by this outlet, and have found a sample due.
    if (!batches_) return resume() ? publish_measured(std::move(message)) : refuse(1);
    if (batches_.commit(batches_.prepare(std::move(message))) != kernel::CommitStatus::Done)
      return refuse(1);
    note(batches_.position() - 1);
    RONBUS_PROBE(publish, state_->attention(), batches_.position(), 1);
    if (state_->attention().after_swap() != 0) finish_shared(topics);
    return state_->subscribers_after_swap();
  }
  /// As `attempt`, likewise.
  template <class U>
  Result attempt_alone(U&& message, std::size_t refused) {
    const Topics<T> topics = topics_of(message);
    const auto prepared = batches_.prepare(std::forward<U>(message));
    // Making it may have published by this outlet, and have found a sample due.
    if (!batches_ && !resume()) return closed(refused);
    for (;;) {
      const kernel::CommitStatus status = batches_.commit_within(prepared, limit_);
      if (status == kernel::CommitStatus::Done) break;
      if (status == kernel::CommitStatus::Refused) return closed(refused);
      if (!refresh_limit()) return no_room(refused);
    }
    RONBUS_PROBE(publish, state_->attention(), batches_.position(), 1);
    attend_shared(topics, batches_.position() - 1);
    return state_->subscribers_after_swap();
  }

  /// Whether `attempt` may go on. False in a ring of batches, whose writer may come back only now.
  [[nodiscard]] bool has_room_here() noexcept { return !batches_ && refresh_limit() && !batches_; }
  /// Where `attempt` ends up that found no room here. Returns why it failed, if it did.
  template <class U>
  [[gnu::noinline]] std::optional<PublishError> attempt_elsewhere(U&& message,
                                                                  std::size_t refused) {
    const Result result = [&] {
      if constexpr (kBatchesPossible<T>) {
        if (batches_) return attempt_alone(std::forward<U>(message), refused);
      }
      return detour_ == nullptr ? no_room(refused)
                                : detour().attempt(std::forward<U>(message), refused);
    }();
    return result ? std::nullopt : std::optional{result.error()};
  }
  [[nodiscard]] ClassicOutlet& detour() noexcept {
    detour_->flush(*detour_);
    return detour_->outlet;
  }

  Result closed(std::size_t refused) noexcept {
    if (refused > 0) refuse(refused);
    return std::unexpected{PublishError::Closed};
  }
  Result no_room(std::size_t refused) noexcept {
    if (state_ == nullptr || state_->is_closing()) return closed(refused);
    return std::unexpected{PublishError::Full};
  }

  [[nodiscard]] Topics<T> new_topics() const noexcept { return Topics<T>{state_->attention()}; }
  /// What the message is about that is made from `args`.
  template <class... Args>
  [[nodiscard]] Topics<T> topics_of(const Args&... args) const noexcept {
    Topics<T> topics = new_topics();
    topics.note(args...);
    return topics;
  }

  /// After `count` messages were written to the dense ring and flags were found raised. Returns how
  /// many of them are part of the order.
  [[gnu::noinline]] std::size_t attend_dense(sync::Attention::Flags flags, std::size_t count,
                                             Topics<T> topics) noexcept {
    if ((flags & sync::Attention::kClosing) == 0) {
      RONBUS_PROBE(publish, state_->attention(), dense_.published(), count);
    }
    if ((flags & sync::Attention::kSleepers) != 0) {
      notify(topics, dense_.published() - count);
    }
    if ((flags & sync::Attention::kSample) != 0) take_note_of_sample();
    if ((flags & sync::Attention::kClosing) == 0) return count;
    state_->close();
    const auto beyond =
        static_cast<std::size_t>(std::min<kernel::Sequence>(count, dense_.excess()));
    RONBUS_PROBE(publish, state_->attention(), dense_.published() - beyond, count - beyond);
    dense_ = {};
    return count - beyond;
  }

  /// False if the bus is closed; the prepared message is destroyed then.
  [[nodiscard, gnu::always_inline]] bool commit(
      const typename SharedRing<T>::Prepared& prepared) noexcept {
    if (shared_.commit(prepared) == kernel::CommitStatus::Done) [[likely]]
      return true;
    return commit_or_abandon(prepared);
  }
  [[gnu::noinline]] bool commit_or_abandon(
      const typename SharedRing<T>::Prepared& prepared) noexcept {
    if (resume() && shared_.commit(prepared) == kernel::CommitStatus::Done) return true;
    shared_.abandon(prepared);
    return false;
  }

  /// After messages from `begin` on were committed to the shared ring.
  [[gnu::always_inline]] void attend_shared(Topics<T> topics, kernel::Sequence begin) noexcept {
    if (state_->attention().after_swap() != 0) [[unlikely]]
      attend_flags(topics, begin);
  }
  [[gnu::noinline]] void attend_flags(Topics<T> topics, kernel::Sequence begin) noexcept {
    const sync::Attention::Flags flags = state_->attention().after_swap();
    if ((flags & sync::Attention::kSleepers) != 0) notify(topics, begin);
    if ((flags & sync::Attention::kSample) != 0) take_note_of_sample();
    if ((flags & sync::Attention::kClosing) != 0) state_->close();
  }

  // Measuring: when a sample is due, the outlet goes without its writer until the next publish, so
  // that this goes another way than all others, which have nothing to ask. Making a message may
  // publish by the same outlet: who was about to publish it may then find its writer gone, too.

  struct Meter {
    Measurements& measurements;
    bool due = false;
    bool batching = false;  ///< the writer is at work
    // The writer, while it is taken away.
    typename DenseRing<T>::Writer dense{};
    typename BatchRing<T>::Writer batches{};
    typename SharedRing<T>::Writer shared{};
  };

  [[gnu::noinline]] void drop_meter() noexcept {
    resume();
    delete std::exchange(meter_, nullptr);
  }
  [[gnu::noinline]] void take_note_of_sample() noexcept {
    if (state_->attention().take(sync::Attention::kSample) && meter_ != nullptr) meter_->due = true;
  }
  /// As attend_dense and attend_shared, after one message.
  [[gnu::noinline]] std::size_t finish_dense(sync::Attention::Flags flags,
                                             Topics<T> topics) noexcept {
    const std::size_t count = attend_dense(flags, 1, topics);
    pause_if_due();
    return count;
  }
  [[gnu::noinline]] void finish_shared(Topics<T> topics) noexcept {
    attend_flags(topics, position() - 1);
    pause_if_due();
  }
  void pause_if_due() noexcept {
    if (!kHasMetrics || meter_ == nullptr || !meter_->due || meter_->batching) return;
    meter_->dense = std::exchange(dense_, {});
    meter_->batches = std::exchange(batches_, {});
    meter_->shared = std::exchange(shared_, {});
    limit_ = 0;
  }
  /// Takes the writer back, if it was taken away.
  [[gnu::noinline]] bool resume() noexcept {
    if (!kHasMetrics || meter_ == nullptr) return false;
    if (!meter_->dense && !meter_->batches && !meter_->shared) return false;
    dense_ = std::exchange(meter_->dense, {});
    batches_ = std::exchange(meter_->batches, {});
    shared_ = std::exchange(meter_->shared, {});
    return true;
  }

  [[gnu::noinline]] std::size_t publish_measured(T&& message) {
    meter_->due = false;
    const Clock::time_point begin = Clock::now();
    const std::size_t covered = publish_noting(
        [&](kernel::Sequence sequence) { meter_->measurements.stamp(sequence, begin); },
        std::move(message));
    meter_->measurements.published(begin, Clock::now());
    return covered;
  }

  /// Wakes those who want what was published from `begin` on. Everybody once in half a ring, so
  /// that who sleeps on while the messages of others go by can pass over them before they are
  /// overwritten.
  void notify(Topics<T> topics, kernel::Sequence begin) noexcept {
    const kernel::Sequence half = state_->capacity() / 2;
    const bool is_half = begin / half != position() / half;
    state_->waiters().notify(is_half ? kEveryInterest : topics.sum());
  }

  template <class Function>
  struct OnExit {
    Function function;
    ~OnExit() { function(); }
  };
  template <class Function>
  OnExit(Function) -> OnExit<Function>;

  /// Publishes from `next` on and advances it past what was published: up to `count` messages, and
  /// none at or beyond `limit`, which only storages that publish batches keep. Returns how many are
  /// part of the order.
  template <class Iterator>
  std::size_t accept(Iterator& next, std::size_t count, kernel::Sequence limit = kernel::kNoLimit) {
    if constexpr (kDensePossible<T>) {
      if (dense_) [[likely]] {
        if constexpr (kOnlyReads<Iterator, T>) {
          return accept_dense(next, count, limit);
        } else {
          return accept_made(next, count, limit);
        }
      }
    }
    if (!shared_) [[unlikely]] {
      if constexpr (kBatchesPossible<T>) {
        if (batches_) return accept_batches(next, count, limit);
      }
      return 0;
    }
    std::size_t accepted = 0;
    Topics<T> topics = new_topics();
    Iterator at = next;  // in a register while it runs
    auto&& messages = noting(at, topics);
    const kernel::Sequence begin = shared_.position();
    const OnExit attend{[&] {
      next = at;
      RONBUS_PROBE(publish, state_->attention(), shared_.position(), accepted);
      attend_shared(topics, begin);
    }};
    while (accepted < count) {
      if constexpr (SharedRing<T>::kBatches) {
        const std::size_t now = shared_.publish_many(messages, count - accepted, limit);
        if (now == 0) break;
        accepted += now;
      } else {
        const auto prepared = shared_.prepare(*messages);
        if (!prepared || !commit(prepared)) [[unlikely]]
          break;
        ++messages;
        ++accepted;
      }
      // A closer waits for the tail to stand still.
      if ((state_->attention().peek() & sync::Attention::kClosing) != 0) [[unlikely]]
        attend_shared(topics, begin);
    }
    return accepted;
  }

  template <class Iterator>
  [[gnu::noinline]] std::size_t accept_batches(Iterator& next, std::size_t count,
                                               kernel::Sequence limit) {
    std::size_t accepted = 0;
    Topics<T> topics = new_topics();
    const kernel::Sequence begin = batches_.position();
    const OnExit attend{[&] {
      RONBUS_PROBE(publish, state_->attention(), batches_.position(), accepted);
      attend_shared(topics, begin);
    }};
    while (accepted < count) {
      const std::size_t now = batches_.publish_many(
          next, count - accepted, limit, [&topics](const T& message) { topics.note(message); });
      if (now == 0) break;
      accepted += now;
      // A closer waits for the tail to stand still.
      if ((state_->attention().peek() & sync::Attention::kClosing) != 0) [[unlikely]]
        attend_shared(topics, begin);
    }
    return accepted;
  }

  template <class Iterator>
  std::size_t accept_dense(Iterator& next, std::size_t count, kernel::Sequence limit) {
    std::size_t accepted = 0;
    {
      Topics<T> topics = new_topics();
      Iterator at = next;  // in a register while it runs
      auto&& messages = noting(at, topics);
      const kernel::Sequence begin = dense_.published();
      // Also if the source throws: what it gave before is published.
      const OnExit attend{[&] {
        next = at;
        accepted = static_cast<std::size_t>(dense_.published() - begin);
        const sync::Attention::Flags flags = state_->attention().after_access();
        if (flags == 0) RONBUS_PROBE(publish, state_->attention(), dense_.published(), accepted);
        if (flags != 0) [[unlikely]]
          accepted = attend_dense(flags, accepted, topics);
      }};
      const auto most = static_cast<std::size_t>(std::min<kernel::Sequence>(count, limit - begin));
      dense_.publish_many(most, [&]() -> decltype(auto) {
        if constexpr (HasInterest<T>) {
          T message(*messages);
          ++messages;
          return message;
        } else {
          return *messages++;
        }
      });
    }
    return accepted;
  }

  /// As `accept_dense`, for messages that have to be made first, by code that may publish by this
  /// outlet: some are made, then they are published.
  template <class Iterator>
  [[gnu::noinline]] std::size_t accept_made(Iterator& next, std::size_t count,
                                            kernel::Sequence limit) {
    constexpr std::size_t kMost = std::clamp<std::size_t>(4096 / sizeof(T), 1, 64);
    alignas(T) std::byte made[kMost * sizeof(T)];
    T* const first = reinterpret_cast<T*>(made);
    std::size_t accepted = 0;
    while (accepted < count) {
      const std::size_t now = std::min(kMost, count - accepted);
      Iterator behind = next;
      for (std::size_t i = 0; i < now; ++i, ++behind) std::construct_at(first + i, *behind);
      if (!dense_ || dense_.published() >= limit) break;
      const T* from = first;
      const std::size_t published = accept_dense(from, now, limit);
      accepted += published;
      if (published < now) {
        std::ranges::advance(next, static_cast<std::iter_difference_t<Iterator>>(published));
        break;
      }
      next = behind;
    }
    return accepted;
  }

  /// Whether `accept` keeps a limit.
  [[nodiscard]] bool publishes_batches() const noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return true;
    }
    return (SharedRing<T>::kBatches && shared_) || batches_;
  }

  [[nodiscard]] kernel::Sequence position() const noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.published();
    }
    if (shared_) return shared_.position();
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_.position();
    }
    return 0;
  }
  /// The same, but no room in a ring of batches, where `attempt_alone` looks at the limit.
  [[nodiscard]] kernel::Sequence position_unless_in_batches() const noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.published();
    }
    return shared_ ? shared_.position() : kernel::kNoLimit;
  }

  /// Looks at the gates again; true if there is room for one message.
  bool refresh_limit() noexcept {
    if (state_ == nullptr) return false;
    resume();
    const kernel::Sequence at = position();
    limit_ = state_->subscriptions().limit(at, state_->capacity());
    return limit_ > at;
  }

  /// Repeats `attempt` until it answers anything but Full.
  template <class Attempt>
  Result waiting(const Attempt& attempt, const wait::Deadline& deadline,
                 const std::stop_token& stop) {
    for (;;) {
      Result result = attempt();
      if (result || result.error() != PublishError::Full) [[likely]]
        return result;
      ClassicOutlet& full = detour_ != nullptr ? detour_->outlet : *this;
      const auto has_room = [&full] { return full.state_->is_closing() || full.refresh_limit(); };
      // There is room when all gating subscribers have read the message that is a capacity older
      // than the next.
      const kernel::Sequence wanted = full.position() + 1 - full.state_->capacity();
      switch (full.state_->subscriptions().wait_for_room(wanted, has_room, deadline, stop)) {
        case wait::WaitStatus::Ready:
          break;
        case wait::WaitStatus::Timeout:
          return std::unexpected{PublishError::Timeout};
        case wait::WaitStatus::Stopped:
          return std::unexpected{PublishError::Stopped};
      }
    }
  }

  /// Moves the message of a node that is not going to be published back to where it came from.
  template <class U>
  void give_back(const typename SharedRing<T>::Prepared& prepared, U&& message) {
    const OnExit abandon{[&] { shared_.abandon(prepared); }};
    if constexpr (std::is_same_v<U, T> && std::is_move_assignable_v<T>) {
      message = shared_.take_back(prepared);
    } else if constexpr (std::is_same_v<U, T> && std::is_nothrow_move_constructible_v<T>) {
      std::destroy_at(&message);
      std::construct_at(&message, shared_.take_back(prepared));
    }
  }

  BusState<T>* state_;
  // At most one of them is in use.
  typename DenseRing<T>::Writer dense_;
  typename BatchRing<T>::Writer batches_;
  typename SharedRing<T>::Writer shared_;
  /// The first sequence not to be published by those who respect gating subscribers.
  kernel::Sequence limit_ = 0;
  bool sole_ = false;
  std::optional<PublishError> failure_;
  Detour<T>* detour_ = nullptr;
  Meter* meter_ = nullptr;  ///< owned; of a Publisher on a bus that measures
};

/// An outlet that has to be flushed before it publishes: something is staged that comes first.
template <Message T>
struct Detour {
  ClassicOutlet<T> outlet;
  void (*flush)(Detour& self) noexcept;
};

/// Whether a batch copies its elements: those of an lvalue or a view. Those of a container given as
/// rvalue are moved.
template <class Range>
inline constexpr bool kCopiesElements =
    std::is_lvalue_reference_v<Range> || std::ranges::view<std::remove_cvref_t<Range>>;

/// A range whose elements, copied or moved as told above, make messages of type T.
template <class Range, class T>
concept BatchOf =
    std::ranges::forward_range<Range> &&
    std::constructible_from<
        T, std::conditional_t<kCopiesElements<Range>, std::ranges::range_reference_t<Range>,
                              std::ranges::range_rvalue_reference_t<Range>>>;

/// Begin and length of a range to publish.
template <class Range>
auto batch_of(Range&& range) {
  const auto count = static_cast<std::size_t>(std::ranges::distance(range));
  if constexpr (kCopiesElements<Range>) {
    return std::pair{std::ranges::begin(range), count};
  } else {
    return std::pair{std::move_iterator{std::ranges::begin(range)}, count};
  }
}

}  // namespace ron::flavor
