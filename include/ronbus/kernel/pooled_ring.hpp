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
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "ronbus/base/exceptions.hpp"
#include "ronbus/kernel/node_pool.hpp"
#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sampling.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/kernel/slot_word.hpp"
#include "ronbus/kernel/word_copy.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/backoff.hpp"
#include "ronbus/sync/cache_line.hpp"

namespace ron::kernel {

template <class T, class Nodes>
class PooledRing {
  struct alignas(sync::kCacheLine) Context : RegistryEntry<Context> {
    typename Nodes::Spares spares;
    Sequence position = 0;  ///< no message before it is unpublished
    std::uint32_t until_flush = 0;
    bool equipped = false;
  };

 public:
  /// Whether a Writer has a publish_many of its own.
  static constexpr bool kBatches = false;

  using Hold = typename Nodes::Hold;
  using Prepared = typename Nodes::Prepared;
  /// `attention` must outlive the ring. For `sample_every` see Sampling.
  PooledRing(std::size_t capacity, std::uint32_t flush_threshold, sync::Attention& attention,
             Sequence sample_every = 0)
      : laps_{capacity},
        flush_threshold_{flush_threshold},
        sampling_{sample_every},
        attention_{attention},
        nodes_{capacity, sync::AsymmetricFence{attention.fence_kind()}},
        slots_{std::make_unique_for_overwrite<AtomicWord[]>(capacity)} {
    const std::optional<NodeIndex> first = nodes_.take_initial(capacity);
    if (!first) base::out_of_memory();
    for (std::size_t i = 0; i < capacity; ++i) {
      slots_[i].store(SlotWord::initial(*first + static_cast<NodeIndex>(i)).bits(),
                      std::memory_order_relaxed);
    }
  }
  PooledRing(const PooledRing&) = delete;
  PooledRing& operator=(const PooledRing&) = delete;
  ~PooledRing() {
    const Sequence end = tail();
    for (Sequence s = end > capacity() ? end - capacity() : 0; s < end; ++s) {
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
    // acquire: pairs with the release in Writer::flush.
    Sequence at = tail_from(tail_hint_.load(std::memory_order_acquire));
    for (;; at = tail_from(at)) {
      // seq_cst: a publisher that is not seen here sees who made itself known before.
      const SlotWord word{slot(at).load(std::memory_order_seq_cst)};
      if (word.laps_ahead_of(laps_.tag(at)) < 0) return at;
    }
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return laps_.capacity(); }

 private:
  [[nodiscard]] AtomicWord& slot(Sequence sequence) const noexcept {
    return slots_[laps_.slot(sequence)];
  }

  /// The first unpublished position, found by walking from one that is not beyond it.
  [[nodiscard]] Sequence tail_from(Sequence at) const noexcept {
    for (;;) {
      // acquire: pairs with the swap in try_swap; who goes on from here has seen all before it.
      const SlotWord word{slot(at).load(std::memory_order_acquire)};
      const std::int64_t ahead = word.laps_ahead_of(laps_.tag(at));
      if (ahead < 0) return at;
      at += static_cast<Sequence>(ahead) * laps_.capacity() + 1;
    }
  }

  /// Sets the seal at the tail, or finds it set.
  [[gnu::noinline]] void seal() noexcept {
    Sequence at = tail();
    for (;; at = tail_from(at)) {
      std::uint64_t bits = slot(at).load(std::memory_order_acquire);
      const SlotWord word{bits};
      if (word.is_sealed()) return;
      if (word.laps_ahead_of(laps_.tag(at)) >= 0) continue;  // published meanwhile
      // seq_cst: as the swap in try_swap, after the last of which this comes.
      if (slot(at).compare_exchange(bits, word.sealed().bits(), std::memory_order_seq_cst,
                                    std::memory_order_relaxed)) {
        return;
      }
    }
  }

  const Laps laps_;
  const std::uint32_t flush_threshold_;
  const Sampling sampling_;
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
  Writer() = default;
  explicit Writer(PooledRing& ring) noexcept
      : ring_{&ring},
        context_{ring.contexts_.claim()},
        slots_{ring.slots_.get()},
        laps_{ring.laps_} {
    if (context_ == nullptr) return;
    if (!context_->equipped) {
      context_->equipped = ring.nodes_.equip(context_->spares);
      context_->until_flush = ring.flush_threshold_;
    }
    if (!context_->equipped) {
      ring.contexts_.release(*std::exchange(context_, nullptr));
      return;
    }
    position_ = context_->position;
    until_flush_ = context_->until_flush;
  }
  Writer(Writer&& other) noexcept
      : ring_{other.ring_},
        context_{std::exchange(other.context_, nullptr)},
        slots_{other.slots_},
        laps_{other.laps_},
        position_{other.position_},
        expected_{other.expected_},
        until_flush_{other.until_flush_} {}
  Writer& operator=(Writer&& other) noexcept {
    std::swap(ring_, other.ring_);
    std::swap(context_, other.context_);
    std::swap(slots_, other.slots_);
    std::swap(laps_, other.laps_);
    std::swap(position_, other.position_);
    std::swap(expected_, other.expected_);
    std::swap(until_flush_, other.until_flush_);
    return *this;
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (context_ == nullptr) return;
    context_->position = position_;
    context_->until_flush = until_flush_;
    ring_->contexts_.release(*context_);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return context_ != nullptr; }

  /// Puts a message into a node of this writer. False if there is no memory for a node, which can
  /// only happen while more messages are pinned by readers than this writer has nodes.
  template <class... Args>
  [[nodiscard]] Prepared prepare(Args&&... args) {
    return ring_->nodes_.prepare(context_->spares, std::forward<Args>(args)...);
  }

  /// Publishes a prepared node at the tail. If the answer is not Done, the node is still the
  /// caller's, to `abandon`.
  [[nodiscard, gnu::always_inline]] CommitStatus commit(const Prepared& prepared) noexcept {
    const SlotWord expected = expected_;
    if (expected != kUnknown && try_swap(prepared, position_, expected)) [[likely]] {
      return CommitStatus::Done;
    }
    return commit_slowly(prepared, kNoLimit);
  }

  /// The same, unless the tail is at or beyond `limit`: Full then, and the node may be committed
  /// again.
  [[nodiscard, gnu::always_inline]] CommitStatus commit_within(const Prepared& prepared,
                                                               Sequence limit) noexcept {
    const SlotWord expected = expected_;
    if (expected != kUnknown && position_ < limit && try_swap(prepared, position_, expected))
        [[likely]] {
      return CommitStatus::Done;
    }
    return commit_slowly(prepared, limit);
  }

  void abandon(const Prepared& prepared) noexcept {
    ring_->nodes_.abandon(context_->spares, prepared);
  }

  /// The message of a prepared node, where nodes hold messages.
  [[nodiscard]] const T& message(const Prepared& prepared) const noexcept {
    return Nodes::message(prepared);
  }
  /// The same, moved out of it.
  [[nodiscard]] decltype(auto) take_back(const Prepared& prepared) {
    return Nodes::take_back(prepared);
  }

  /// Where this writer believes the tail to be; not beyond it.
  [[nodiscard]] Sequence position() const noexcept { return position_; }

 private:
  /// One attempt to publish at `at`, whose slot was seen to hold `expected`, free and unsealed.
  [[nodiscard, gnu::always_inline]] bool try_swap(const Prepared& prepared, Sequence at,
                                                  SlotWord expected) noexcept {
    const Laps laps = laps_;
    AtomicWord* const slots = slots_;
    // The slot behind is looked at before the swap: a load after a locked instruction would wait
    // for it, and the next publish for the load. relaxed: a guess for the next swap to verify.
    const SlotWord next{slots[laps.slot(at + 1)].load(std::memory_order_relaxed)};
    Nodes::label(prepared, at);
    std::uint64_t bits = expected.bits();
    // seq_cst: publishes the message to the acquire loads of readers, takes over the old node and
    // all that the publisher of `expected` knew, and comes before the look at the attention word.
    if (!slots[laps.slot(at)].compare_exchange(bits, expected.replaced_by(prepared.index).bits(),
                                               std::memory_order_seq_cst,
                                               std::memory_order_relaxed)) [[unlikely]] {
      return false;
    }
    const NodeIndex replaced = expected.node();
    position_ = at + 1;
    // Free then: nobody publishes or seals behind a position before it is published.
    expected_ = next;
    ring_->nodes_.swapped(context_->spares, replaced, at >= laps.capacity());
    if (--until_flush_ == 0) [[unlikely]]
      flush();
    return true;
  }

  [[gnu::noinline]] [[nodiscard]] CommitStatus commit_slowly(const Prepared& prepared,
                                                             Sequence limit) noexcept {
    if (ring_ == nullptr) return CommitStatus::Refused;  // moved from
    sync::Backoff backoff;
    for (;;) {
      // acquire: a published position tells that all before it are, too.
      const SlotWord word{slots_[laps_.slot(position_)].load(std::memory_order_acquire)};
      if (word.laps_ahead_of(laps_.tag(position_)) >= 0) {
        position_ = ring_->tail_from(
            std::max(position_, ring_->tail_hint_.load(std::memory_order_acquire)));
        continue;
      }
      if (word.is_sealed()) return CommitStatus::Refused;
      if (position_ >= limit) return CommitStatus::Full;
      if (try_swap(prepared, position_, word)) return CommitStatus::Done;
      backoff.pause();
    }
  }

  [[gnu::noinline]] void flush() noexcept {
    until_flush_ = ring_->flush_threshold_;
    ring_->sampling_.at(position_, ring_->flush_threshold_, ring_->attention_);
    // release: who starts from the hint sees the positions before it as published.
    ring_->tail_hint_.store(position_, std::memory_order_release);
  }

  /// Not a free word: sealed.
  static constexpr SlotWord kUnknown{~std::uint64_t{0}};

  PooledRing* ring_ = nullptr;
  Context* context_ = nullptr;
  AtomicWord* slots_ = nullptr;
  Laps laps_;
  Sequence position_ = 0;
  /// What the slot at `position_` held when last seen, if it was free then.
  SlotWord expected_ = kUnknown;
  std::uint32_t until_flush_ = 0;
};

/// A cursor into a PooledRing. One thread at a time. Empty if there was no memory for it.
template <class T, class Nodes>
class PooledRing<T, Nodes>::Reader {
 public:
  Reader() = default;
  Reader(PooledRing& ring, Sequence start) noexcept
      : ring_{&ring}, slots_{ring.slots_.get()}, laps_{ring.laps_}, cursor_{start} {
    if (!ring.nodes_.acquire_pin(pin_)) ring_ = nullptr;
  }
  Reader(Reader&& other) noexcept
      : ring_{std::exchange(other.ring_, nullptr)},
        slots_{other.slots_},
        laps_{other.laps_},
        cursor_{other.cursor_},
        pin_{std::exchange(other.pin_, {})} {}
  Reader& operator=(Reader&& other) noexcept {
    std::swap(ring_, other.ring_);
    std::swap(slots_, other.slots_);
    std::swap(laps_, other.laps_);
    std::swap(cursor_, other.cursor_);
    std::swap(pin_, other.pin_);
    return *this;
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (ring_ != nullptr) ring_->nodes_.release_pin(pin_);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return ring_ != nullptr; }

  [[nodiscard]] Sequence cursor() const noexcept { return cursor_; }
  void seek(Sequence sequence) noexcept { cursor_ = sequence; }

  /// True if `read` would not answer Empty.
  [[nodiscard, gnu::always_inline]] bool has_news() const noexcept {
    // seq_cst: a sleeper's second look comes after its flag went up.
    const SlotWord word{slots_[laps_.slot(cursor_)].load(std::memory_order_seq_cst)};
    return word.laps_ahead_of(laps_.tag(cursor_)) >= 0 || why_not(word) != ReadStatus::Empty;
  }

  /// Hands the message at the cursor to `deliver` as a `const T&`. The cursor advances when
  /// `deliver` has returned.
  template <class Deliver>
  [[nodiscard, gnu::always_inline]] ReadStatus read(Deliver&& deliver) {
    const Sequence cursor = cursor_;
    const Laps laps = laps_;
    const AtomicWord& slot = slots_[laps.slot(cursor)];
    // acquire: pairs with the swap in try_swap, the message is constructed.
    const SlotWord word{slot.load(std::memory_order_acquire)};
    if (!word.is_of(laps.tag(cursor))) [[unlikely]]
      return why_not(word);
    const ReadStatus status =
        ring_->nodes_.read(pin_, slot, word, cursor, std::forward<Deliver>(deliver));
    if (status == ReadStatus::Ready) [[likely]]
      cursor_ = cursor + 1;
    return status;
  }

  /// Reads the message at the cursor and keeps it in `hold`, which must be empty.
  [[nodiscard]] ReadStatus hold(Hold& hold) {
    const AtomicWord& slot = slots_[laps_.slot(cursor_)];
    const SlotWord word{slot.load(std::memory_order_acquire)};  // as in read
    if (!word.is_of(laps_.tag(cursor_))) [[unlikely]]
      return why_not(word);
    const ReadStatus status = ring_->nodes_.hold(hold, slot, word, cursor_);
    if (status == ReadStatus::Ready) ++cursor_;
    return status;
  }

  /// Reads up to `limit` messages into `out`. Returns their number; if that is less than `limit`,
  /// `status` tells why. If a copy throws, the cursor stays where it was.
  std::size_t read_many(T* out, std::size_t limit, ReadStatus& status) {
    struct Rewind {
      Reader* reader;
      Sequence to;
      ~Rewind() {
        if (reader != nullptr) reader->cursor_ = to;
      }
    } rewind{this, cursor_};
    status = ReadStatus::Ready;
    std::size_t done = 0;
    while (done < limit) {
      status = read([&](const T& message) { out[done] = message; });
      if (status != ReadStatus::Ready) break;
      ++done;
    }
    rewind.reader = nullptr;
    return done;
  }

  /// After Lagged: moves to the oldest retained message and returns how many were missed.
  std::uint64_t skip_to_oldest() noexcept {
    const Sequence tail =
        ring_->tail_from(std::max(cursor_, ring_->tail_hint_.load(std::memory_order_acquire)));
    if (tail <= cursor_ + laps_.capacity()) return 0;
    const std::uint64_t missed = tail - laps_.capacity() - cursor_;
    cursor_ += missed;
    return missed;
  }

 private:
  [[gnu::noinline]] [[nodiscard]] ReadStatus why_not(SlotWord word) const noexcept {
    // The hint tells more laps apart than the word does.
    if (word.laps_ahead_of(laps_.tag(cursor_)) > 0 ||
        ring_->tail_hint_.load(std::memory_order_acquire) > cursor_ + laps_.capacity()) {
      return ReadStatus::Lagged;
    }
    return word.is_sealed() ? ReadStatus::Closed : ReadStatus::Empty;
  }

  PooledRing* ring_ = nullptr;
  const AtomicWord* slots_ = nullptr;
  Laps laps_;
  Sequence cursor_ = 0;
  typename Nodes::Pin pin_;
};

}  // namespace ron::kernel
