// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <ranges>
#include <stop_token>
#include <utility>

#include "ronbus/config.hpp"
#include "ronbus/deadline.hpp"
#include "ronbus/error.hpp"
#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/classic.hpp"
#include "ronbus/publisher.hpp"
#include "ronbus/subscriber.hpp"

namespace ron {

/// A bounded, lossy broadcast bus: every subscriber sees every message in one order, a publisher
/// never waits for a subscriber, and what a slow subscriber misses is counted exactly. Made by
/// BusBuilder.
///
/// A Bus is a handle: copies share the bus. The bus closes when close() is called or when its last
/// Bus and Publisher are gone. All functions may be called from any thread at the same time.
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
  /// PublishError::Busy if it is taken. Allocates if more publishers live than ever before.
  [[nodiscard]] std::expected<Publisher<T>, PublishError> publisher() const {
    flavor::ClassicOutlet<T> outlet{*state_};
    if (outlet.failure()) return std::unexpected{*outlet.failure()};
    return Publisher<T>{state_, std::move(outlet)};
  }

  /// A subscriber that starts at the newest message: it sees what is published from now on. On a
  /// closed bus it only ever gets Closed. Allocates; throws std::bad_alloc.
  [[nodiscard]] Subscriber<T> subscribe(const SubscribeOptions& options = {}) const {
    return Subscriber<T>{state_, options};
  }

  // As in Publisher.

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

  [[nodiscard]] std::size_t subscriber_count() const noexcept { return state_->subscribers(); }
  /// Live Publisher handles.
  [[nodiscard]] std::size_t publisher_count() const noexcept { return state_->publishers(); }
  /// Messages published so far, which is the sequence of the next one.
  [[nodiscard]] std::uint64_t published() const noexcept { return state_->tail(); }
  /// Messages that were refused: all because the bus was closed, and those of `publish`, `emplace`
  /// and `publish_many` also because another publisher was Busy or memory was short.
  [[nodiscard]] std::uint64_t refused() const noexcept { return state_->refused(); }

 private:
  friend class BusBuilder;

  explicit Bus(std::shared_ptr<flavor::BusState<T>> state) noexcept : state_{std::move(state)} {
    add_handle();
  }

  void add_handle() noexcept {
    if (state_ != nullptr) state_->add_handle();
  }
  std::size_t refuse(std::size_t count) const noexcept {
    state_->add_refused(count);
    return 0;
  }

  std::shared_ptr<flavor::BusState<T>> state_;
};

}  // namespace ron
