// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What all handles of one bus share: its ring, who waits for it, and the counts. Which storage the
// ring is made of follows from the message type and the builder's promise:
//
//     any T, any number of publishers                       PooledRing over PinnedNodes
//     trivially copyable T of up to 64 bytes, likewise      PooledRing over CopiedNodes
//     trivially copyable T of up to 8 bytes, likewise       PairedRing (if kAtomicPairs)
//     trivially copyable T of up to 64 bytes, any number    BatchRing (likewise)
//     of publishers, in a batched mode
//     trivially copyable T, one publisher                   DenseRing
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <vector>

#include "ronbus/config.hpp"
#include "ronbus/flavor/attendance.hpp"
#include "ronbus/flavor/features.hpp"
#include "ronbus/flavor/measurements.hpp"
#include "ronbus/flavor/subscriptions.hpp"
#include "ronbus/kernel/batch_ring.hpp"
#include "ronbus/kernel/copied_nodes.hpp"
#include "ronbus/kernel/dense_ring.hpp"
#include "ronbus/kernel/paired_ring.hpp"
#include "ronbus/kernel/pinned_nodes.hpp"
#include "ronbus/kernel/pooled_ring.hpp"
#include "ronbus/snapshot.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/probe.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron {

/// What can travel on a bus: any object type that can be moved.
template <class T>
concept Message = std::is_object_v<T> && !std::is_array_v<T> && std::is_nothrow_destructible_v<T> &&
                  std::move_constructible<T> && std::same_as<T, std::remove_cv_t<T>>;

}  // namespace ron

namespace ron::flavor {

/// Up to this size a message is copied out word by word rather than pinned while it is copied.
inline constexpr std::size_t kMaxCopiedSize = 64;

template <Message T>
inline constexpr bool kDensePossible = kernel::WordCopyable<T>;
/// Whether messages may lie in a ring of batches.
template <Message T>
inline constexpr bool kBatchesPossible =
    kHasBatched && sync::kAtomicPairs && kDensePossible<T> && sizeof(T) <= kMaxCopiedSize;

namespace detail {

template <class T>
struct RingTypes {
  using Shared = kernel::PooledRing<T, kernel::PinnedNodes<T>>;
};
template <class T>
  requires(kDensePossible<T> && sizeof(T) <= kMaxCopiedSize && !kernel::OneWord<T>)
struct RingTypes<T> {
  using Shared = kernel::PooledRing<T, kernel::CopiedNodes<T>>;
};
template <kernel::OneWord T>
struct RingTypes<T> {
  using Shared = kernel::PairedRing<T>;
};

/// Stands in for a ring that T rules out.
struct NoRing {
  struct Writer {
    explicit operator bool() const noexcept { return false; }
  };
  struct Reader {
    explicit operator bool() const noexcept { return false; }
  };
};
template <class T>
struct DenseType {
  using Type = NoRing;
};
template <class T>
  requires kDensePossible<T>
struct DenseType<T> {
  using Type = kernel::DenseRing<T>;
};
template <class T>
struct BatchType {
  using Type = NoRing;
};
template <class T>
  requires kBatchesPossible<T>
struct BatchType<T> {
  using Type = kernel::BatchRing<T>;
};

}  // namespace detail

template <Message T>
using SharedRing = typename detail::RingTypes<T>::Shared;
template <Message T>
using DenseRing = typename detail::DenseType<T>::Type;
template <Message T>
using BatchRing = typename detail::BatchType<T>::Type;

template <Message T>
class BusState {
 public:
  explicit BusState(EffectiveConfig config)
      : attention_{config.fence.value, kDensePossible<T> && config.single_publisher.value
                                           ? sync::Attention::HotSide::Stores
                                           : sync::Attention::HotSide::Swaps},
        config_{std::move(config)},
        waiters_{attention_},
        attendance_{config_.fence.value},
        subscriptions_{config_.fence.value} {
    if (sample_every() > 0) {
      measurements_ = std::make_unique<Measurements>(sample_every(), config_.end_to_end.value);
    }
    if constexpr (kDensePossible<T>) {
      if (config_.single_publisher.value) {
        dense_.emplace(config_.capacity, attention_, sample_every());
        return;
      }
    }
    if constexpr (kBatchesPossible<T>) {
      if (is_batched(config_.mode.value)) {
        batches_.emplace(config_.capacity, flush_threshold(), attention_, sample_every());
        return;
      }
    }
    shared_.emplace(config_.capacity, flush_threshold(), attention_, sample_every());
  }

  [[nodiscard]] const EffectiveConfig& config() const noexcept { return config_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return config_.capacity; }
  /// How long a subscriber waits by itself before it asks to be woken; 0 if not in an edge mode.
  [[nodiscard]] std::chrono::microseconds linger() const noexcept {
    if (!kHasEdge || !is_edge(config_.mode.value)) return std::chrono::microseconds{0};
    return config_.edge_linger.value;
  }
  [[nodiscard]] bool single_publisher() const noexcept { return config_.single_publisher.value; }
  [[nodiscard]] bool is_shared() const noexcept { return shared_.has_value(); }
  [[nodiscard]] bool is_dense() const noexcept { return dense_.has_value(); }
  [[nodiscard]] bool is_in_batches() const noexcept { return batches_.has_value(); }

  [[nodiscard]] SharedRing<T>& shared() noexcept { return *shared_; }
  [[nodiscard]] DenseRing<T>& dense() noexcept { return *dense_; }
  [[nodiscard]] BatchRing<T>& batches() noexcept { return *batches_; }
  [[nodiscard]] sync::Attention& attention() noexcept { return attention_; }
  /// Who waits for messages.
  [[nodiscard]] wait::WaiterSet& waiters() noexcept { return waiters_; }
  [[nodiscard]] Attendance& attendance() noexcept { return attendance_; }
  /// What the subscribers show of themselves.
  [[nodiscard]] Subscriptions& subscriptions() noexcept { return subscriptions_; }

  /// nullptr on a bus that does not measure.
  [[nodiscard]] Measurements* measurements() const noexcept { return measurements_.get(); }

  /// The sequence that the next message gets; after close, the end of the order.
  [[nodiscard]] kernel::Sequence tail() noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_->tail();
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_->tail();
    }
    return shared_->tail();
  }

  /// Closes the bus, or helps whoever has begun to: any caller finishes all of it.
  void close() noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) dense_->close();
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) batches_->close();
    }
    if (shared_) shared_->close();
    // Sleepers look again and find the end; so do publishers that wait for room or for subscribers.
    if ((flags_now() & sync::Attention::kSleepers) != 0) waiters_.notify_all();
    subscriptions_.notify();
    attendance_.notify();
    RONBUS_PROBE(close, attention_, tail(), is_closed());
    // release: who sees it sees the ring closed. Last: until then whoever is refused helps.
    closed_.store(1, std::memory_order_release);
  }
  /// True once a `close` has begun.
  [[nodiscard]] bool is_closing() const noexcept {
    return (attention_.peek() & sync::Attention::kClosing) != 0;
  }
  /// True once a `close` has ended the order.
  [[nodiscard]] bool is_closed() const noexcept {
    return closed_.load(std::memory_order_acquire) != 0;
  }

  /// Waits until everybody has read what is published by now. Returns those who have not.
  [[nodiscard]] std::vector<Undrained> drain(const wait::Deadline& deadline,
                                             const std::stop_token& stop) {
    // A subscriber that wants but some messages may sleep although there are others before it.
    const auto wake_all = [this] {
      if ((flags_now() & sync::Attention::kSleepers) != 0) waiters_.notify_all();
    };
    return subscriptions_.drain(tail(), wake_all, deadline, stop);
  }

  /// All that can be told about the bus; anybody may ask.
  [[nodiscard]] BusSnapshot snapshot() {
    BusSnapshot all;
    all.name = config_.name;
    all.mode = config_.mode.value;
    all.capacity = config_.capacity;
    all.requested_capacity = config_.requested_capacity.value;
    all.publishers = publishers();
    subscriptions_.describe(all);
    const auto [notifications, wakeups] = waiters_.counts();
    all.notifications = notifications;
    all.wakeups = wakeups;
    all.refused = refused();
    all.closed = is_closed();
    if (measurements_ != nullptr) {
      all.publish_ns = measurements_->publish_ns();
      all.end_to_end_ns = measurements_->end_to_end_ns();
      all.batch_sizes = measurements_->batch_sizes();
    }
    // Last: of what was received no more is told than of what was published.
    all.published = tail();
    all.unheard = attendance_.unheard(all.published);
    const auto retained = std::min<kernel::Sequence>(all.published, all.capacity);
    all.retained = static_cast<std::size_t>(retained);
    for (SubscriberInfo& each : all.subscribers) {
      place(each, all.published);
      all.depth = std::max(all.depth, static_cast<std::size_t>(std::min(each.behind, retained)));
    }
    return all;
  }

  /// All subscribers as they are now.
  [[nodiscard]] std::vector<SubscriberInfo> infos() {
    std::vector<SubscriberInfo> all = subscriptions_.infos(config_.capacity);
    const kernel::Sequence end = tail();
    for (SubscriberInfo& each : all) place(each, end);
    return all;
  }

  // Counts. relaxed: each stands for itself and orders nothing.
  [[nodiscard]] std::size_t subscribers() const noexcept {
    return subscribers_.load(std::memory_order_relaxed);
  }
  /// For who has published by a swap.
  [[nodiscard]] std::size_t subscribers_after_swap() const noexcept {
    // seq_cst: comes after the swap; pairs with add_subscriber().
    return subscribers_.load(std::memory_order_seq_cst);
  }
  /// To be called before the subscriber's start is fixed: whoever publishes from there on counts
  /// it.
  void add_subscriber() noexcept {
    // seq_cst: pairs with subscribers_after_swap(), as the look at the tail that follows does with
    // the swap.
    subscribers_.fetch_add(1, std::memory_order_seq_cst);
    attention_.barrier();  // pairs with the light fence of publishers that do not swap
  }
  void remove_subscriber() noexcept {
    subscribers_.fetch_sub(
        1, std::memory_order_release);  // pairs with the one in has_no_subscribers()
    attendance_.notify();
  }
  /// True if nobody subscribes. What subscribers did before they went is visible to the caller.
  [[nodiscard]] bool has_no_subscribers() const noexcept {
    return subscribers_.load(std::memory_order_acquire) == 0;
  }

  [[nodiscard]] std::size_t publishers() const noexcept {
    return publishers_.load(std::memory_order_relaxed);
  }
  void add_publisher() noexcept { publishers_.fetch_add(1, std::memory_order_relaxed); }
  void remove_publisher() noexcept { publishers_.fetch_sub(1, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t refused() const noexcept {
    return refused_.load(std::memory_order_relaxed);
  }
  void add_refused(std::uint64_t count) noexcept {
    refused_.fetch_add(count, std::memory_order_relaxed);
  }

  /// Handles through which something can be published. The last one to go closes the bus.
  void add_handle() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
  /// One more handle unless the last one is gone.
  [[nodiscard]] bool try_add_handle() noexcept {
    std::size_t handles = handles_.load(std::memory_order_relaxed);
    while (handles != 0) {
      // relaxed: whoever holds a handle keeps the bus open by the count alone.
      if (handles_.compare_exchange(handles, handles + 1, std::memory_order_relaxed,
                                    std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool has_handles() const noexcept {
    return handles_.load(std::memory_order_relaxed) != 0;
  }
  void remove_handle() noexcept {
    // acq_rel: what other handles published comes before the close.
    if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) close();
  }

  /// The promise of a single publisher: true for whoever has it now.
  [[nodiscard]] bool take_sole_right() noexcept {
    // acquire: goes on where the predecessor stopped.
    return sole_right_.load(std::memory_order_relaxed) == 0 &&
           sole_right_.exchange(1, std::memory_order_acquire) == 0;
  }
  void return_sole_right() noexcept { sole_right_.store(0, std::memory_order_release); }

 private:
  /// The raised flags, for who has closed the ring or knows what was published.
  [[nodiscard]] sync::Attention::Flags flags_now() noexcept {
    return is_dense() ? attention_.after_access() : attention_.after_swap();
  }
  /// 0 on a bus that does not measure.
  [[nodiscard]] std::size_t sample_every() const noexcept {
    return kHasMetrics ? config_.sample_every.value : 0;
  }
  /// Publishes after which a publisher makes its position known, and may ask for a sample.
  [[nodiscard]] std::uint32_t flush_threshold() const noexcept {
    const std::size_t threshold = config_.tls_flush_threshold.value;
    const std::size_t every = sample_every();
    return static_cast<std::uint32_t>(every == 0 ? threshold : std::min(threshold, every));
  }
  static void place(SubscriberInfo& info, kernel::Sequence tail) noexcept {
    info.behind = tail - info.next_sequence;
    info.most_behind = std::max(info.most_behind, info.behind);
  }

  // Read by every publish, written when somebody comes, goes or falls asleep. First: where there
  // are probes, its address costs nothing to find.
  alignas(sync::kCacheLine) sync::Attention attention_;
  sync::Atomic<std::size_t> subscribers_{0};
  // Never written.
  alignas(sync::kCacheLine) const EffectiveConfig config_;
  // Rarely touched.
  alignas(sync::kCacheLine) sync::Atomic<std::size_t> publishers_{0};
  sync::Atomic<std::size_t> handles_{0};
  sync::Atomic<std::uint64_t> refused_{0};
  sync::Atomic<std::uint32_t> sole_right_{0};
  sync::Atomic<std::uint32_t> closed_{0};
  wait::WaiterSet waiters_;
  Attendance attendance_;
  Subscriptions subscriptions_;
  std::unique_ptr<Measurements> measurements_;
  std::optional<SharedRing<T>> shared_;
  std::optional<DenseRing<T>> dense_;
  std::optional<BatchRing<T>> batches_;
};

}  // namespace ron::flavor
