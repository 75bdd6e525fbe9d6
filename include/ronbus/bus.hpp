// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <ranges>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "ronbus/config.hpp"
#include "ronbus/deadline.hpp"
#include "ronbus/error.hpp"
#include "ronbus/flavor/batched.hpp"
#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/classic.hpp"
#include "ronbus/flavor/features.hpp"
#include "ronbus/publisher.hpp"
#include "ronbus/snapshot.hpp"
#include "ronbus/subscribe_options.hpp"
#include "ronbus/subscriber.hpp"
#include "ronbus/subscriber_info.hpp"

namespace ron {

template <Message T>
class WeakBus;

/// A bounded, lossy broadcast bus: every subscriber sees every message in one order, a publisher
/// never waits for a subscriber, and what a slow subscriber misses is counted exactly. Made by
/// BusBuilder.
///
/// A Bus is a handle: copies share the bus. The bus closes when close() is called or when its last
/// Bus and Publisher are gone (weak ones do not count). All functions may be called from any thread
/// at the same time.
///
/// Publishing through the Bus itself borrows a publisher for the call, which costs one more atomic
/// exchange than a Publisher of one's own and takes no lock. On a bus that promised a single
/// publisher it is refused (0, counted; PublishError::Busy) while a Publisher lives or another
/// thread publishes.
template <Message T>
class Bus {
 public:
  Bus(const Bus& other) noexcept : state_{other.state_} { add_handle(); }
  Bus(Bus&& other) noexcept = default;
  Bus& operator=(Bus other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Bus() {
    if (state_ != nullptr) state_->remove_handle();
  }

  /// A publishing handle for one thread. On a bus with `single_publisher` there is one at a time:
  /// PublishError::Busy if it is taken. Allocates if more publishers live than ever before, and in
  /// a batched mode.
  [[nodiscard]] std::expected<Publisher<T>, PublishError> publisher() const {
    return make_publisher(true);
  }
  /// As `publisher`, but it does not keep the bus open: for those who only add to what others have
  /// to say. Once the bus is closed, all it publishes is refused.
  [[nodiscard]] std::expected<Publisher<T>, PublishError> weak_publisher() const {
    return make_publisher(false);
  }

  /// A handle that does not keep the bus open, nor its memory.
  [[nodiscard]] WeakBus<T> weak() const noexcept { return WeakBus<T>{state_}; }

  /// A subscriber. Unless told otherwise it starts at the newest message: it sees what is published
  /// from now on, on a closed bus nothing but Closed. With a predicate it receives what that
  /// accepts. Allocates; throws std::bad_alloc.
  [[nodiscard]] Subscriber<T> subscribe(const SubscribeOptions& options = {},
                                        Predicate<T> wanted = {}) const {
    return Subscriber<T>{state_, options, {options.interest, std::move(wanted)}, options.from};
  }

  /// A subscriber whose first message is the one with this sequence (`options.from` is not looked
  /// at), or an error with the sequences that are possible. That message was retained, or is the
  /// next to come, at some moment of the call; if it is overwritten before the first receive, that
  /// one says Lagged. Allocates and throws as `subscribe`.
  [[nodiscard]] std::expected<Subscriber<T>, SubscribeError> subscribe_at(
      std::uint64_t sequence, const SubscribeOptions& options = {},
      Predicate<T> wanted = {}) const {
    return Subscriber<T>::at(state_, options, {options.interest, std::move(wanted)}, sequence);
  }

  /// All subscribers as they are now, in no particular order. Waits for nobody. Allocates.
  [[nodiscard]] std::vector<SubscriberInfo> subscribers() const { return state_->infos(); }

  /// All that the bus tells about itself, its subscribers included: counts, what was measured, who
  /// is slowest and who lost most. Waits for nobody and costs publishers and subscribers nothing.
  /// Allocates.
  [[nodiscard]] BusSnapshot snapshot() const { return state_->snapshot(); }

  /// Adds a time to the histogram of the latency from publish to receive, for an application that
  /// measures it itself, from a time in its messages, say. Nothing happens unless the bus measures
  /// (MetricsCfg::sample_every); leave MetricsCfg::end_to_end off, or what the bus measures is in
  /// the same histogram. A negative time counts as 0. Waits for nobody, allocates nothing.
  void record_end_to_end(std::chrono::nanoseconds time) const noexcept {
    if (auto* const measurements = state_->measurements()) measurements->end_to_end(time);
  }

  /// Waits until every subscriber of now has read (received, passed over or been told to have
  /// missed) what was published before the call, or is gone. Sleeps meanwhile. Returns those that
  /// had something left when the deadline passed or a stop was requested; none if all had read.
  /// Allocates.
  [[nodiscard]] std::vector<Undrained> drain(const AnyDeadline& deadline = {},
                                             const std::stop_token& stop = {}) const {
    return state_->drain(deadline.point(), stop);
  }

  // As in Publisher, but nothing is ever staged.

  std::size_t publish(T message) const { return emplace(std::move(message)); }

  template <class... Args>
    requires std::constructible_from<T, Args...>
  std::size_t emplace(Args&&... args) const {
    flavor::ClassicOutlet<T> outlet{*state_};
    if (outlet.failure()) return refuse(1);
    return outlet.publish(std::forward<Args>(args)...);
  }

  template <flavor::BatchOf<T> Range>
  std::size_t publish_many(Range&& range) const {
    flavor::ClassicOutlet<T> outlet{*state_};
    if (outlet.failure()) return refuse(static_cast<std::size_t>(std::ranges::distance(range)));
    auto [next, count] = flavor::batch_of(std::forward<Range>(range));
    return outlet.publish_many(next, count);
  }

  template <class U = T>
    requires std::constructible_from<T, U>
  [[nodiscard]] std::expected<std::size_t, PublishError> try_publish(U&& message) const {
    flavor::ClassicOutlet<T> outlet{*state_};
    if (outlet.failure()) return std::unexpected{*outlet.failure()};
    return outlet.try_publish(std::forward<U>(message));
  }

  template <class U = T>
    requires std::constructible_from<T, U>
  [[nodiscard]] std::expected<std::size_t, PublishError> publish_wait(
      U&& message, const AnyDeadline& deadline = {}, const std::stop_token& stop = {}) const {
    flavor::ClassicOutlet<T> outlet{*state_};
    if (outlet.failure()) return std::unexpected{*outlet.failure()};
    return outlet.publish_wait(std::forward<U>(message), deadline.point(), stop);
  }

  /// Ends the bus: once this returns, every publish is refused. Subscribers read what is retained,
  /// then get Closed. Wakes all sleepers. Waits for nobody; idempotent.
  void close() const noexcept { state_->close(); }
  [[nodiscard]] bool is_closed() const noexcept { return state_->is_closed(); }

  /// Messages that are retained: with a subscriber that never reads, after `capacity() + k`
  /// publishes it gets Lagged(k) and then the last `capacity()` messages.
  [[nodiscard]] std::size_t capacity() const noexcept { return state_->capacity(); }
  /// What was asked for, before it became a power of two.
  [[nodiscard]] std::size_t requested_capacity() const noexcept {
    return state_->config().requested_capacity.value;
  }
  /// The whole configuration, each value with where it came from, and its warnings.
  [[nodiscard]] const EffectiveConfig& config() const noexcept { return state_->config(); }

  /// How it is called in snapshots and metrics.
  [[nodiscard]] const std::string& name() const noexcept { return config().name; }

  [[nodiscard]] std::size_t subscriber_count() const noexcept { return state_->subscribers(); }

  /// Sleeps until at least `count` subscribers are there, and returns how many are. They see every
  /// message that is published from then on. A `close` ends the wait: WaitError::Closed.
  [[nodiscard]] std::expected<std::size_t, WaitError> wait_for_subscribers(
      std::size_t count = 1, const AnyDeadline& deadline = {},
      const std::stop_token& stop = {}) const {
    std::size_t present = 0;
    const auto enough = [&] {
      present = state_->attendance().present();
      return present >= count || state_->is_closing();
    };
    const auto status = state_->attendance().wait(enough, deadline.point(), stop);
    if (status != wait::WaitStatus::Ready) return std::unexpected{wait_error(status)};
    if (present < count) return std::unexpected{WaitError::Closed};
    return present;
  }

  /// Sleeps until nobody subscribes, also on a closed bus: after `close` it tells when the last
  /// subscriber has read what was left and gone. Never WaitError::Closed.
  [[nodiscard]] std::expected<void, WaitError> wait_for_no_subscribers(
      const AnyDeadline& deadline = {}, const std::stop_token& stop = {}) const {
    const auto none = [this] { return state_->has_no_subscribers(); };
    const auto status = state_->attendance().wait(none, deadline.point(), stop);
    if (status != wait::WaitStatus::Ready) return std::unexpected{wait_error(status)};
    return {};
  }

  /// Live Publisher handles.
  [[nodiscard]] std::size_t publisher_count() const noexcept { return state_->publishers(); }
  /// Messages published so far, which is the sequence of the next one.
  [[nodiscard]] std::uint64_t published() const noexcept { return state_->tail(); }
  /// Messages that were refused: all because the bus was closed, and those of `publish`, `emplace`
  /// and `publish_many` also because another publisher was Busy or memory was short.
  [[nodiscard]] std::uint64_t refused() const noexcept { return state_->refused(); }

 private:
  friend class BusBuilder;
  friend class WeakBus<T>;

  struct Counted {};  ///< the handle was added before

  explicit Bus(std::shared_ptr<flavor::BusState<T>> state) noexcept : state_{std::move(state)} {
    add_handle();
  }
  Bus(std::shared_ptr<flavor::BusState<T>> state, Counted /*handle*/) noexcept
      : state_{std::move(state)} {}

  void add_handle() noexcept {
    if (state_ != nullptr) state_->add_handle();
  }
  [[nodiscard]] std::expected<Publisher<T>, PublishError> make_publisher(bool keeps_open) const {
    flavor::ClassicOutlet<T> outlet{*state_};
    if (outlet.failure()) return std::unexpected{*outlet.failure()};
    if (!outlet.measure()) return std::unexpected{PublishError::OutOfMemory};
    if constexpr (flavor::kHasBatched) {
      if (is_batched(config().mode.value)) {
        auto batched = flavor::BatchedOutlet<T>::make(std::move(outlet), config());
        if (batched == nullptr) return std::unexpected{PublishError::OutOfMemory};
        flavor::ClassicOutlet<T> detour{*batched};
        return Publisher<T>{state_, std::move(detour), std::move(batched), keeps_open};
      }
    }
    return Publisher<T>{state_, std::move(outlet), nullptr, keeps_open};
  }
  [[nodiscard]] static WaitError wait_error(wait::WaitStatus status) noexcept {
    return status == wait::WaitStatus::Timeout ? WaitError::Timeout : WaitError::Stopped;
  }
  std::size_t refuse(std::size_t count) const noexcept {
    state_->add_refused(count);
    return 0;
  }

  std::shared_ptr<flavor::BusState<T>> state_;
};

/// A handle through which a bus can be reached as long as others keep it open, as std::weak_ptr
/// does for objects. All functions may be called from any thread at the same time.
template <Message T>
class WeakBus {
 public:
  WeakBus() = default;

  /// The bus; nothing if its last Bus and Publisher are gone. The Bus that is returned keeps the
  /// bus open like any other.
  [[nodiscard]] std::optional<Bus<T>> lock() const noexcept {
    auto state = state_.lock();
    if (state == nullptr || !state->try_add_handle()) return std::nullopt;
    return Bus<T>{std::move(state), typename Bus<T>::Counted{}};
  }

  /// True if `lock` will never give a bus again.
  [[nodiscard]] bool expired() const noexcept {
    const auto state = state_.lock();
    return state == nullptr || !state->has_handles();
  }

 private:
  friend class Bus<T>;
  explicit WeakBus(std::weak_ptr<flavor::BusState<T>> state) noexcept : state_{std::move(state)} {}

  std::weak_ptr<flavor::BusState<T>> state_;
};

}  // namespace ron
