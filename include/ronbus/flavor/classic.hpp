// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The classic flavor of publishing: every publish ends with one look at the attention word, and
// wakes everybody if somebody sleeps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

#include "ronbus/error.hpp"
#include "ronbus/flavor/bus_state.hpp"

namespace ron::flavor {

/// The publishing end of one handle. One thread at a time. Does not keep the bus state alive.
template <Message T>
class ClassicOutlet {
 public:
  using Result = std::expected<std::size_t, PublishError>;

  /// An outlet to `state`, or why there can be none.
  [[nodiscard]] static std::expected<ClassicOutlet, PublishError> open(
      BusState<T>& state) noexcept {
    ClassicOutlet outlet{state};
    if (state.single_publisher()) {
      if (!state.take_sole_right()) return std::unexpected{PublishError::Busy};
      outlet.sole_ = true;
    }
    if constexpr (kDensePossible<T>) {
      if (state.is_dense()) {
        if (!state.dense().is_closed()) outlet.dense_.emplace(state.dense());
        return outlet;
      }
    }
    outlet.shared_.emplace(state.shared());
    if (!*outlet.shared_) return std::unexpected{PublishError::OutOfMemory};
    return outlet;
  }

  ClassicOutlet(ClassicOutlet&& other) noexcept
      : state_{other.state_},
        dense_{std::move(other.dense_)},
        shared_{std::move(other.shared_)},
        limit_{other.limit_},
        sole_{std::exchange(other.sole_, false)} {
    other.dense_.reset();
    other.shared_.reset();
  }
  ClassicOutlet& operator=(ClassicOutlet&&) = delete;
  ~ClassicOutlet() {
    if (sole_) state_->return_sole_right();
  }

  template <class... Args>
  std::size_t publish(Args&&... args) {
    if constexpr (kDensePossible<T>) {
      if (dense_) [[likely]] {
        const sync::Attention::Flags flags = dense_->publish(T(std::forward<Args>(args)...));
        if (flags != 0 && attend_dense(flags, 1) > 0) [[unlikely]]
          return 0;
        return state_->subscribers();
      }
    }
    if (!shared_) [[unlikely]]
      return refuse(1);
    const std::optional<kernel::NodeIndex> node = shared_->prepare(std::forward<Args>(args)...);
    if (!node) [[unlikely]]
      return refuse(1);
    if (shared_->commit(*node) != kernel::CommitStatus::Done) [[unlikely]] {
      shared_->abandon(*node);
      return refuse(1);
    }
    attend_shared();
    return state_->subscribers();
  }

  /// `source()` yields the next message, `count` times. One look at the sleepers for all.
  template <class Source>
  std::size_t publish_many(std::size_t count, Source&& source) {
    if (count == 0) return state_->subscribers();
    if (!state_->config().epoch_yield.value) return publish_batch(count, source);
    const std::size_t burst = state_->config().burst.value;
    std::size_t covered = 0;
    while (count > 0) {
      const std::size_t now = std::min(count, burst);
      covered = publish_batch(now, source);
      count -= now;
      std::this_thread::yield();
    }
    return covered;
  }

  /// Publishes `message` unless that would overrun a gating subscriber. On any error `message` has
  /// its value still.
  template <class U>
  Result try_publish(U&& message) {
    return publish_within_limit(std::forward<U>(message));
  }

  template <class U>
  Result publish_wait(U&& message, const wait::Deadline& deadline, const std::stop_token& stop) {
    for (;;) {
      Result result = publish_within_limit(std::forward<U>(message));
      if (result || result.error() != PublishError::Full) return result;
      const auto has_room = [this] { return state_->is_closed() || refresh_limit(); };
      switch (state_->gates().space().wait(has_room, deadline, stop)) {
        case wait::WaitStatus::Ready:
          break;
        case wait::WaitStatus::Timeout:
          return std::unexpected{PublishError::Timeout};
        case wait::WaitStatus::Stopped:
          return std::unexpected{PublishError::Stopped};
      }
    }
  }

 private:
  explicit ClassicOutlet(BusState<T>& state) noexcept : state_{&state} {}

  [[gnu::noinline]] std::size_t refuse(std::size_t count) noexcept {
    state_->add_refused(count);
    return 0;
  }

  /// After `count` messages were written to the dense ring with flags raised. Returns how many of
  /// them the bus refused.
  [[gnu::noinline]] std::size_t attend_dense(sync::Attention::Flags flags,
                                             std::size_t count) noexcept {
    if ((flags & sync::Attention::kSleepers) != 0) state_->readable().notify();
    if ((flags & sync::Attention::kClosing) == 0) return 0;
    const std::size_t refused = std::min<std::size_t>(count, dense_->excess());
    dense_.reset();
    if (refused > 0) refuse(refused);
    return refused;
  }

  /// After a commit to the shared ring.
  void attend_shared() noexcept {
    const sync::Attention::Flags flags = state_->attention().after_access();
    if (flags == 0) [[likely]]
      return;
    if ((flags & sync::Attention::kSleepers) != 0) state_->readable().notify();
    if ((flags & sync::Attention::kClosing) != 0) shared_->help_close();
  }

  template <class Source>
  std::size_t publish_batch(std::size_t count, Source& source) {
    if constexpr (kDensePossible<T>) {
      if (dense_) {
        const kernel::Sequence begin = dense_->published();
        const sync::Attention::Flags flags = dense_->publish_many(count, source);
        if (flags != 0) [[unlikely]] {
          const auto written = static_cast<std::size_t>(dense_->published() - begin);
          const std::size_t refused = attend_dense(flags, written);
          if (written < count) return refuse(count - written);
          if (refused > 0) return 0;
        }
        return state_->subscribers();
      }
    }
    if (!shared_) return refuse(count);
    std::size_t refused = 0;
    for (; count > 0; --count) {
      const std::optional<kernel::NodeIndex> node = shared_->prepare(source());
      if (!node) [[unlikely]] {
        ++refused;
      } else if (shared_->commit(*node) != kernel::CommitStatus::Done) [[unlikely]] {
        shared_->abandon(*node);
        refused += count;
        break;
      }
    }
    attend_shared();
    return refused > 0 ? refuse(refused) : state_->subscribers();
  }

  [[nodiscard]] kernel::Sequence position() const noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_->published();
    }
    return shared_ ? shared_->position() : 0;
  }

  /// Looks at the gates again; true if there is room for one message.
  bool refresh_limit() noexcept {
    const kernel::Sequence at = position();
    limit_ = state_->gates().limit(at, state_->capacity());
    return limit_ > at;
  }

  template <class U>
  Result publish_within_limit(U&& message) {
    if (position() >= limit_ && !refresh_limit()) [[unlikely]] {
      if (state_->is_closed()) return closed();
      return std::unexpected{PublishError::Full};
    }
    if constexpr (kDensePossible<T>) {
      if (dense_) {
        const sync::Attention::Flags flags = dense_->publish(message);
        if (flags != 0 && attend_dense(flags, 1) > 0) [[unlikely]] {
          return std::unexpected{PublishError::Closed};
        }
        return state_->subscribers();
      }
    }
    if (!shared_) [[unlikely]]
      return closed();
    const std::optional<kernel::NodeIndex> node = shared_->prepare(std::forward<U>(message));
    if (!node) [[unlikely]]
      return std::unexpected{PublishError::OutOfMemory};
    for (;;) {
      switch (shared_->commit(*node, limit_)) {
        case kernel::CommitStatus::Done:
          attend_shared();
          return state_->subscribers();
        case kernel::CommitStatus::Refused:
          give_back(*node, message);
          return closed();
        case kernel::CommitStatus::Full:
          if (refresh_limit()) break;
          give_back(*node, message);
          return std::unexpected{PublishError::Full};
      }
    }
  }

  Result closed() noexcept {
    refuse(1);
    return std::unexpected{PublishError::Closed};
  }

  /// Moves the message of a node that is not going to be published back to where it came from.
  template <class U>
  void give_back(kernel::NodeIndex node, U& message) {
    if constexpr (!std::is_const_v<U>) {
      std::destroy_at(&message);
      std::construct_at(&message, shared_->take_back(node));
    }
    shared_->abandon(node);
  }

  BusState<T>* state_;
  std::optional<typename DenseRing<T>::Writer> dense_;
  std::optional<typename SharedRing<T>::Writer> shared_;
  /// The first sequence not to be published by those who respect gating subscribers.
  kernel::Sequence limit_ = 0;
  bool sole_ = false;
};

/// Publishes a range; its elements are moved if it is a container given as rvalue.
template <Message T, class Range>
std::size_t publish_range(ClassicOutlet<T>& outlet, Range&& range) {
  auto next = std::ranges::begin(range);
  const auto count = static_cast<std::size_t>(std::ranges::distance(range));
  if constexpr (std::is_lvalue_reference_v<Range> ||
                std::ranges::view<std::remove_cvref_t<Range>>) {
    return outlet.publish_many(count, [&next]() -> decltype(auto) { return *next++; });
  } else {
    return outlet.publish_many(count, [&next] { return T(std::ranges::iter_move(next++)); });
  }
}

}  // namespace ron::flavor
