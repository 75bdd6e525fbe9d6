// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Storage for any number of publishers. A message is prepared in a node that only its publisher
// knows, and becomes visible by one compare-and-swap on the slot of its position:
//
//     slot[s mod capacity]:  {lap - 1, node of s - capacity}  ->  {lap, node of s}
//
// That single step publishes s, evicts s - capacity and hands the old node to the publisher. There
// is no claimed but unfilled position: a publisher halted anywhere has either published its message
// or not begun to, and nobody waits for it.
//
// Order. The swap succeeds only at the tail, because position s is free only until it is published
// and a publisher arrives there by walking over published positions. It starts from the later of
// where it last published and `tail_hint_`, which publishers flush every `flush_threshold`
// messages. The hint may be stale, never ahead.
//
// Close. close() sets the seal bit of the slot at the tail, by compare-and-swap as well. The next
// publisher finds its expected word changed, so exactly the messages before the seal are in the
// order. The seal takes no slot: the message of the lap before stays readable beneath it. The
// `kClosing` flag goes up first, so that publishers stop (after helping with the seal) instead of
// outrunning the closer.
//
// Contention. Two publishers that meet at a slot both pull its cache line over; the loser backs off
// for longer each time, which gives the winner a streak at full speed.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "ronbus/kernel/node_pool.hpp"
#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/kernel/slot_word.hpp"
#include "ronbus/kernel/word_copy.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/backoff.hpp"
#include "ronbus/sync/cache_line.hpp"

namespace ron::kernel {

enum class CommitStatus : std::uint8_t {
  Done,
  Refused,  ///< the order has ended
  Full,     ///< the position reached the limit given
};

template <class T, class Nodes>
class PooledRing {
  struct alignas(sync::kCacheLine) Context : RegistryEntry<Context> {
    typename Nodes::Spares spares;
    Sequence position = 0;  ///< no message before it is unpublished
    std::uint32_t until_flush = 0;
    bool equipped = false;
  };

 public:
  using Hold = typename Nodes::Hold;
  static constexpr Sequence kNoLimit = std::numeric_limits<Sequence>::max();

  /// `attention` must outlive the ring.
  PooledRing(std::size_t capacity, std::uint32_t flush_threshold, sync::Attention& attention)
      : capacity_{capacity},
        mask_{capacity - 1},
        lap_shift_{static_cast<unsigned>(std::countr_zero(capacity))},
        flush_threshold_{flush_threshold},
        attention_{attention},
        nodes_{capacity, sync::AsymmetricFence{attention.fence_kind()}},
        slots_{std::make_unique_for_overwrite<AtomicWord[]>(capacity)} {
    const std::optional<NodeIndex> first = nodes_.take_initial(capacity);
    if (!first) throw std::bad_alloc{};
    for (std::size_t i = 0; i < capacity; ++i) {
      slots_[i].store(SlotWord::initial(*first + static_cast<NodeIndex>(i)).bits(),
                      std::memory_order_relaxed);
    }
  }
  PooledRing(const PooledRing&) = delete;
  PooledRing& operator=(const PooledRing&) = delete;
  ~PooledRing() {
    const Sequence end = tail();
    for (Sequence s = end > capacity_ ? end - capacity_ : 0; s < end; ++s) {
      nodes_.destroy_published(SlotWord{slot(s).load(std::memory_order_relaxed)}.node());
    }
    for (Context* context = contexts_.first(); context != nullptr;
         context = context->next_entry()) {
      nodes_.destroy_spares(context->spares);
    }
  }

  class Writer;
  class Reader;

  /// Ends the order: once this returns, no message is added to it. Idempotent, never waits.
  void close() noexcept {
    attention_.raise(sync::Attention::kClosing);
    seal();
  }

  /// The sequence that the next published message gets; after close, the end of the order.
  [[nodiscard]] Sequence tail() const noexcept {
    // acquire: pairs with the release in Writer::commit.
    return tail_from(tail_hint_.load(std::memory_order_acquire));
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  [[nodiscard]] AtomicWord& slot(Sequence sequence) const noexcept {
    return slots_[static_cast<std::size_t>(sequence) & mask_];
  }
  [[nodiscard]] std::uint64_t lap(Sequence sequence) const noexcept {
    return sequence >> lap_shift_;
  }

  /// The first unpublished position, found by walking from one that is not beyond it.
  [[nodiscard]] Sequence tail_from(Sequence at) const noexcept {
    for (;;) {
      // acquire: pairs with the swap in commit; who goes on from here has seen all before it.
      const SlotWord word{slot(at).load(std::memory_order_acquire)};
      const std::int64_t ahead = word.laps_ahead_of(lap(at));
      if (ahead < 0) return at;
      at += (static_cast<Sequence>(ahead) << lap_shift_) + 1;
    }
  }

  /// Sets the seal at the tail, or finds it set.
  void seal() noexcept {
    for (;;) {
      const Sequence at = tail();
      AtomicWord& end = slot(at);
      std::uint64_t bits = end.load(std::memory_order_acquire);
      const SlotWord word{bits};
      if (word.is_sealed()) return;
      if (!word.is_of(lap(at) - 1)) continue;  // published meanwhile
      // seq_cst: as the swap in commit, of which this is the last.
      if (end.compare_exchange(bits, word.sealed().bits(), std::memory_order_seq_cst,
                               std::memory_order_relaxed)) {
        return;
      }
    }
  }

  const std::size_t capacity_;
  const std::size_t mask_;
  const unsigned lap_shift_;
  const std::uint32_t flush_threshold_;
  sync::Attention& attention_;
  Nodes nodes_;
  const std::unique_ptr<AtomicWord[]> slots_;
  Registry<Context> contexts_;
  alignas(sync::kCacheLine) sync::Atomic<Sequence> tail_hint_{0};
};

/// A publishing end: owns spare nodes. One thread at a time; any number of writers. Empty if there
/// was no memory for it.
template <class T, class Nodes>
class PooledRing<T, Nodes>::Writer {
 public:
  explicit Writer(PooledRing& ring) noexcept : ring_{&ring}, context_{ring.contexts_.claim()} {
    if (context_ == nullptr || context_->equipped) return;
    context_->equipped = ring.nodes_.equip(context_->spares);
    context_->until_flush = ring.flush_threshold_;
    if (!context_->equipped) ring.contexts_.release(*std::exchange(context_, nullptr));
  }
  Writer(Writer&& other) noexcept
      : ring_{other.ring_}, context_{std::exchange(other.context_, nullptr)} {}
  Writer& operator=(Writer&& other) noexcept {
    std::swap(ring_, other.ring_);
    std::swap(context_, other.context_);
    return *this;
  }
  ~Writer() {
    if (context_ != nullptr) ring_->contexts_.release(*context_);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return context_ != nullptr; }

  /// Puts a message into a node of this writer. Empty if there is no memory for a node, which can
  /// only happen while more messages are pinned by readers than this writer has nodes.
  template <class... Args>
  [[nodiscard]] std::optional<NodeIndex> prepare(Args&&... args) {
    return ring_->nodes_.prepare(context_->spares, std::forward<Args>(args)...);
  }

  /// Publishes a prepared node at the tail, unless that is at or beyond `limit`. If the answer is
  /// not Done, the node is still the caller's, to commit again or `abandon`.
  [[nodiscard]] CommitStatus commit(NodeIndex node, Sequence limit = kNoLimit) noexcept {
    PooledRing& ring = *ring_;
    Context& context = *context_;
    Sequence at = context.position;
    sync::Backoff backoff;
    for (;;) {
      AtomicWord& slot = ring.slot(at);
      // acquire: a published position tells that all before it are, too.
      std::uint64_t bits = slot.load(std::memory_order_acquire);
      const SlotWord word{bits};
      if (!word.is_of(ring.lap(at) - 1)) [[unlikely]] {
        at = ring.tail_from(std::max(at, ring.tail_hint_.load(std::memory_order_acquire)));
        continue;
      }
      context.position = at;
      if (word.is_sealed()) [[unlikely]]
        return CommitStatus::Refused;
      if (at >= limit) [[unlikely]]
        return CommitStatus::Full;
      ring.nodes_.label(node, at);
      // seq_cst: publishes the message to the acquire loads of readers, takes over the old node,
      // and comes before this thread's look at the attention word.
      if (slot.compare_exchange(bits, SlotWord::published(ring.lap(at), node).bits(),
                                std::memory_order_seq_cst, std::memory_order_relaxed)) [[likely]] {
        context.position = at + 1;
        ring.nodes_.swapped(context.spares, word.node(), at >= ring.capacity_);
        if (--context.until_flush == 0) flush();
        return CommitStatus::Done;
      }
      backoff.pause();
    }
  }

  void abandon(NodeIndex node) noexcept { ring_->nodes_.abandon(context_->spares, node); }

  /// The message of a prepared node, moved out of it.
  [[nodiscard]] T take_back(NodeIndex node) { return ring_->nodes_.take_back(node); }

  /// Where this writer believes the tail to be; not beyond it.
  [[nodiscard]] Sequence position() const noexcept { return context_->position; }

  /// Makes sure that the order has ended, for who found kClosing raised.
  void help_close() noexcept { ring_->seal(); }

 private:
  void flush() noexcept {
    context_->until_flush = ring_->flush_threshold_;
    // release: who starts from the hint sees the positions before it as published.
    ring_->tail_hint_.store(context_->position, std::memory_order_release);
  }

  PooledRing* ring_;
  Context* context_;
};

/// A cursor into a PooledRing. One thread at a time. Empty if there was no memory for it.
template <class T, class Nodes>
class PooledRing<T, Nodes>::Reader {
 public:
  Reader(PooledRing& ring, Sequence start) noexcept : ring_{&ring}, cursor_{start} {
    if (!ring.nodes_.acquire_pin(pin_)) ring_ = nullptr;
  }
  Reader(Reader&& other) noexcept
      : ring_{std::exchange(other.ring_, nullptr)},
        cursor_{other.cursor_},
        pin_{std::exchange(other.pin_, {})} {}
  Reader& operator=(Reader&& other) noexcept {
    std::swap(ring_, other.ring_);
    std::swap(cursor_, other.cursor_);
    std::swap(pin_, other.pin_);
    return *this;
  }
  ~Reader() {
    if (ring_ != nullptr) ring_->nodes_.release_pin(pin_);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return ring_ != nullptr; }

  [[nodiscard]] Sequence cursor() const noexcept { return cursor_; }
  void seek(Sequence sequence) noexcept { cursor_ = sequence; }

  /// True if `read` would not answer Empty.
  [[nodiscard]] bool has_news() const noexcept {
    // seq_cst: a sleeper's second look comes after its flag went up.
    const SlotWord word{ring_->slot(cursor_).load(std::memory_order_seq_cst)};
    return word.laps_ahead_of(ring_->lap(cursor_)) >= 0 || word.is_sealed();
  }

  /// Hands the message at the cursor to `deliver` as a `const T&`. The cursor advances when
  /// `deliver` has returned.
  template <class Deliver>
  [[nodiscard]] ReadStatus read(Deliver&& deliver) {
    const AtomicWord& slot = ring_->slot(cursor_);
    // acquire: pairs with the swap in commit, the message is constructed.
    const SlotWord word{slot.load(std::memory_order_acquire)};
    if (!word.is_of(ring_->lap(cursor_))) [[unlikely]]
      return why_not(word);
    const ReadStatus status =
        ring_->nodes_.read(pin_, slot, word, cursor_, std::forward<Deliver>(deliver));
    if (status == ReadStatus::Ready) [[likely]]
      ++cursor_;
    return status;
  }

  /// Reads the message at the cursor and keeps it in `hold`, which must be empty.
  [[nodiscard]] ReadStatus hold(Hold& hold) {
    const AtomicWord& slot = ring_->slot(cursor_);
    const SlotWord word{slot.load(std::memory_order_acquire)};  // as in read
    if (!word.is_of(ring_->lap(cursor_))) [[unlikely]]
      return why_not(word);
    const ReadStatus status = ring_->nodes_.hold(hold, slot, word, cursor_);
    if (status == ReadStatus::Ready) ++cursor_;
    return status;
  }

  /// Reads up to `limit` messages into `out`. Returns their number; if that is less than `limit`,
  /// `status` tells why.
  std::size_t read_many(T* out, std::size_t limit, ReadStatus& status) {
    status = ReadStatus::Ready;
    std::size_t done = 0;
    while (done < limit) {
      status = read([&](const T& message) { out[done] = message; });
      if (status != ReadStatus::Ready) break;
      ++done;
    }
    return done;
  }

  /// After Lagged: moves to the oldest retained message and returns how many were missed.
  std::uint64_t skip_to_oldest() noexcept {
    const Sequence tail =
        ring_->tail_from(std::max(cursor_, ring_->tail_hint_.load(std::memory_order_acquire)));
    if (tail <= cursor_ + ring_->capacity_) return 0;
    const std::uint64_t missed = tail - ring_->capacity_ - cursor_;
    cursor_ += missed;
    return missed;
  }

 private:
  [[nodiscard]] ReadStatus why_not(SlotWord word) const noexcept {
    if (word.laps_ahead_of(ring_->lap(cursor_)) > 0) return ReadStatus::Lagged;
    return word.is_sealed() ? ReadStatus::Closed : ReadStatus::Empty;
  }

  PooledRing* ring_;
  Sequence cursor_;
  typename Nodes::Pin pin_;
};

}  // namespace ron::kernel
