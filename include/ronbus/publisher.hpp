// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <expected>
#include <memory>
#include <ranges>
#include <stop_token>
#include <utility>

#include "ronbus/deadline.hpp"
#include "ronbus/flavor/batched.hpp"
#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/classic.hpp"
#include "ronbus/flavor/features.hpp"

namespace ron {

/// A publishing handle for one thread at a time: the fastest way to publish. Get it from
/// Bus::publisher(): it keeps the bus open, and the last publishing handle to go closes it. One
/// from Bus::weak_publisher() does neither.
///
/// No function waits for a subscriber, except `publish_wait`. In steady state none allocates, locks
/// or, while nobody sleeps, makes a system call. If a constructor of T throws, the exception
/// reaches the caller and nothing was published. After a move the source only refuses.
///
/// In a batched mode `publish` and `emplace` stage their message: subscribers see it together with
/// others as soon as `tls_flush_threshold` messages are staged, this Publisher is told to `flush`,
/// publishes by another function, or goes. Fewer than that many are ever staged. What is staged
/// when somebody else closes the bus is refused, and counted by the next call; `flush` first.
template <Message T>
class Publisher {
 public:
  Publisher(Publisher&& other) noexcept
      : state_{std::move(other.state_)},
        outlet_{std::move(other.outlet_)},
        batched_{std::move(other.batched_)},
        keeps_open_{other.keeps_open_} {}
  Publisher& operator=(Publisher&&) = delete;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  ~Publisher() {
    if (state_ == nullptr) return;
    batched_.reset();
    outlet_.release();
    state_->remove_publisher();
    if (keeps_open_) state_->remove_handle();
  }

  /// Publishes a message. Returns how many subscribers it covers; 0 if there are none, or if the
  /// bus is closed and refused it.
  [[gnu::always_inline]] std::size_t publish(T message) { return emplace(std::move(message)); }

  /// Publishes a message that is constructed in place from `args`.
  template <class... Args>
    requires std::constructible_from<T, Args...>
  [[gnu::always_inline]] std::size_t emplace(Args&&... args) {
    if constexpr (flavor::kHasBatched) {
      if (is_batched()) [[unlikely]]
        return batched_->publish(*state_, std::forward<Args>(args)...);
    }
    return outlet_.publish(std::forward<Args>(args)...);
  }

  /// Publishes what is staged. Returns how many messages that was; those of `staged()` that are
  /// missing were refused. In a mode that is not batched there is never anything.
  std::size_t flush() noexcept { return batched_ == nullptr ? 0 : batched_->flush_all(); }
  /// How many messages are staged: taken, and not visible to any subscriber yet.
  [[nodiscard]] std::size_t staged() const noexcept {
    return batched_ == nullptr ? 0 : batched_->staged();
  }

  /// Publishes the messages of a range in its order, others' messages possibly between them, with
  /// one look at sleepers for all. Copies the elements of an lvalue or a view, moves those of a
  /// container given as rvalue. Returns the subscribers covered; 0 if any message was refused.
  template <flavor::BatchOf<T> Range>
  std::size_t publish_many(Range&& range) {
    auto [next, count] = flavor::batch_of(std::forward<Range>(range));
    return outlet_.publish_many(next, count);
  }

  /// Publishes unless that would overrun a gating subscriber: PublishError::Full then. On an error
  /// `message` keeps its value.
  [[nodiscard]] std::expected<std::size_t, PublishError> try_publish(T&& message) {
    return outlet_.try_publish(std::move(message));
  }
  [[nodiscard]] std::expected<std::size_t, PublishError> try_publish(const T& message)
    requires std::copy_constructible<T>
  {
    return outlet_.try_publish(message);
  }

  /// Publishes as soon as that overruns no gating subscriber. Blocks until then, until the bus is
  /// closed, the deadline has passed, or a stop is requested. On an error `message` keeps its
  /// value.
  [[nodiscard]] std::expected<std::size_t, PublishError> publish_wait(
      T&& message, const AnyDeadline& deadline = {}, const std::stop_token& stop = {}) {
    return outlet_.publish_wait(std::move(message), deadline.point(), stop);
  }
  [[nodiscard]] std::expected<std::size_t, PublishError> publish_wait(
      const T& message, const AnyDeadline& deadline = {}, const std::stop_token& stop = {})
    requires std::copy_constructible<T>
  {
    return outlet_.publish_wait(message, deadline.point(), stop);
  }

  /// As `publish_many`, but stops before it would overrun a gating subscriber. Returns how many
  /// messages were published, from the front of the range; an error only if that is 0.
  template <flavor::BatchOf<T> Range>
  [[nodiscard]] std::expected<std::size_t, PublishError> try_publish_many(Range&& range) {
    auto [next, count] = flavor::batch_of(std::forward<Range>(range));
    return outlet_.try_publish_many(next, count);
  }

  /// Publishes the whole range, waiting for gating subscribers wherever it must. Returns how many
  /// messages were published before the bus was closed, the deadline passed or a stop was
  /// requested; an error only if that is 0.
  template <flavor::BatchOf<T> Range>
  [[nodiscard]] std::expected<std::size_t, PublishError> publish_many_wait(
      Range&& range, const AnyDeadline& deadline = {}, const std::stop_token& stop = {}) {
    auto [next, count] = flavor::batch_of(std::forward<Range>(range));
    return outlet_.publish_many_wait(next, count, deadline.point(), stop);
  }

 private:
  template <Message>
  friend class Bus;

  Publisher(std::shared_ptr<flavor::BusState<T>> state, flavor::ClassicOutlet<T> outlet,
            std::unique_ptr<flavor::BatchedOutlet<T>> batched, bool keeps_open) noexcept
      : state_{std::move(state)},
        outlet_{std::move(outlet)},
        batched_{std::move(batched)},
        keeps_open_{keeps_open} {
    state_->add_publisher();
    if (keeps_open_) state_->add_handle();
  }

  /// Asked in this order because `outlet_` is about to be asked, too.
  [[nodiscard, gnu::always_inline]] bool is_batched() const noexcept {
    return !outlet_ && batched_ != nullptr;
  }
  // Declared in this order so that the outlets go first.
  std::shared_ptr<flavor::BusState<T>> state_;
  flavor::ClassicOutlet<T> outlet_;
  std::unique_ptr<flavor::BatchedOutlet<T>> batched_;  ///< of a batched mode
  bool keeps_open_;
};

}  // namespace ron
