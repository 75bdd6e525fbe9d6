// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Storage for trivially copyable messages when one publisher at a time is promised: no
// read-modify-write on the way in, no shared write on the way out.
//
// Layout. Messages lie in blocks of one cache line (more if a message does not fit). A block holds
// K consecutive messages behind one word, `next`: the sequence that this block will receive next.
// The reader that waits for a message therefore polls the very line the message arrives on, and a
// line carries K messages rather than one.
//
//        +--------+--------+--------+-- ... --+----------+
//        |  next  |  b*K   | b*K+1  |         | b*K+K-1  |     K = 7 for a 64-bit message
//        +--------+--------+--------+-- ... --+----------+
//
// Publish (W1) writes the words of message s, then (W2) stores next = s + 1 with release order.
// A message c is readable when its block's next > c.
//
// Eviction. The ring has P = capacity / K + 2 blocks, at least K + 1 positions more than the
// capacity, so overwriting is decoupled from eviction: message c counts as evicted from the moment
// that message c + capacity is published, one store, although its words stay intact a little
// longer. The position c + capacity lies in the block two behind c in ring order (or one behind,
// when the remainder of capacity / K carries over), the "evictor" of c. A reader copies the words
// of c and then looks at the evictor: if it has not passed c + capacity, then
//   - c was retained at that moment, which makes lag exact, and
//   - the copy is whole, because words of c are only overwritten after c + capacity was published.
// A publisher halted between W1 and W2 has evicted nothing and published nothing.
//
// Close. The publisher uses plain stores, so close() cannot take the tail away from it by an atomic
// step. Instead `final_`, the sequence at which the order ends, is settled once by
// compare-and-swap: whoever finds `closed_` set runs a heavy fence, reads the tail and proposes it.
// Publishers and readers look at `closed_` after a light fence behind their last access to a block,
// so whoever still saw the bus open did so before that heavy fence, and every message it published
// or delivered lies before any proposal. One write per publisher may still land after the end: the
// block slack above guarantees that it overwrites no retained message, readers ignore it, and the
// publisher reports it as refused.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "ronbus/kernel/sampling.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/kernel/word_copy.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/cache_line.hpp"

namespace ron::kernel {

template <WordCopyable T>
class DenseRing {
  static constexpr std::size_t kLineWords = sync::kCacheLine / sizeof(std::uint64_t);
  static constexpr std::size_t kWords = kWordsOf<T>;
  /// Messages in a block, K above.
  static constexpr std::size_t kBlockMessages = std::max<std::size_t>(1, (kLineWords - 1) / kWords);

  struct alignas(sync::kCacheLine) Block {
    sync::Atomic<Sequence> next;
    std::array<AtomicWord, kBlockMessages * kWords> words;

    [[nodiscard]] AtomicWord* at(std::size_t offset) noexcept { return &words[offset * kWords]; }
    [[nodiscard]] const AtomicWord* at(std::size_t offset) const noexcept {
      return &words[offset * kWords];
    }
  };

 public:
  /// `attention` is the word through which other parties of the bus reach the publisher; it must
  /// outlive the ring. For `sample_every` see Sampling.
  DenseRing(std::size_t capacity, sync::Attention& attention, Sequence sample_every = 0)
      : capacity_{capacity},
        sampling_{sample_every},
        carry_at_{kBlockMessages - capacity % kBlockMessages},
        attention_{attention},
        blocks_{std::make_unique_for_overwrite<Block[]>(capacity / kBlockMessages + 2)},
        first_{blocks_.get()},
        last_{first_ + capacity / kBlockMessages + 1} {}

  class Writer;
  class Reader;

  /// Ends the order: once this returns, no message is added to it. Idempotent, never waits.
  void close() noexcept {
    attention_.raise(sync::Attention::kClosing);
    settle();
  }

  [[nodiscard]] bool is_closed() const noexcept {
    return (attention_.peek() & sync::Attention::kClosing) != 0;
  }

  /// The sequence that the next published message gets; after close, the end of the order.
  [[nodiscard]] Sequence tail() noexcept {
    const Sequence tail = open_tail();
    const bool closing = (attention_.after_access() & sync::Attention::kClosing) != 0;
    return closing ? settle() : tail;
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  static constexpr Sequence kUnsettled = std::numeric_limits<Sequence>::max();

  [[nodiscard]] Block* after(const Block* block) const noexcept {
    return block == last_ ? first_ : const_cast<Block*>(block) + 1;
  }
  [[nodiscard]] Block* before(const Block* block) const noexcept {
    return block == first_ ? last_ : const_cast<Block*>(block) - 1;
  }
  [[nodiscard]] Block* block_of(Sequence sequence) const noexcept {
    const auto block_count = static_cast<Sequence>(last_ - first_) + 1;
    return first_ + sequence / kBlockMessages % block_count;
  }

  [[nodiscard]] Sequence open_tail() const noexcept {
    // acquire: pairs with the release in Writer::end_block.
    Sequence tail = tail_hint_.load(std::memory_order_acquire);
    for (;;) {
      // acquire: a later reader of this position sees all messages before it.
      const Sequence next = block_of(tail)->next.load(std::memory_order_acquire);
      if (next <= tail) return tail;
      tail = next;
    }
  }

  /// Decides, together with everybody else who gets here, where the order ends.
  [[gnu::noinline]] Sequence settle() noexcept {
    // acquire/release on `final_`: all messages before the end are visible to who reads it.
    Sequence end = final_.load(std::memory_order_acquire);
    if (end != kUnsettled) return end;
    attention_.barrier();
    const Sequence proposal = open_tail();
    return final_.compare_exchange(end, proposal, std::memory_order_acq_rel,
                                   std::memory_order_acquire)
               ? proposal
               : end;
  }

  const std::size_t capacity_;
  const Sampling sampling_;
  /// From this offset on (1 to K) the evictor of a message is one block behind it, not two.
  const std::size_t carry_at_;
  sync::Attention& attention_;
  const std::unique_ptr<Block[]> blocks_;
  Block* const first_;
  Block* const last_;
  sync::Atomic<Sequence> final_{kUnsettled};
  /// Start of a block that the publisher has reached; at most one block behind the tail.
  alignas(sync::kCacheLine) sync::Atomic<Sequence> tail_hint_{0};
};

/// The publishing end. At most one at a time, which the owner of the ring ensures; one created
/// after another is gone goes on where that one stopped.
template <WordCopyable T>
class DenseRing<T>::Writer {
 public:
  Writer() = default;
  explicit Writer(DenseRing& ring) noexcept
      : ring_{&ring},
        published_{ring.open_tail()},
        block_{ring.block_of(published_)},
        offset_{static_cast<std::size_t>(published_ % kBlockMessages)},
        stop_{ring.last_} {
    if (ring.sampling_.is_on()) [[unlikely]]
      choose_stop(published_);
  }

  /// False for one made without a ring, which cannot be used.
  [[nodiscard]] explicit operator bool() const noexcept { return ring_ != nullptr; }

  /// Publishes one message and returns the flags that are raised. With kClosing among them,
  /// `excess` tells whether the message became part of the order.
  sync::Attention::Flags publish(const T& message) noexcept {
    Block* const block = block_;
    const std::size_t offset = offset_;
    const Sequence next = published_ + 1;
    // W1 must not be seen before the publications that evicted the words it overwrites: pairs with
    // the acquire fence in Reader.
    sync::fence(std::memory_order_release);
    store_words<T>(block->at(offset), message);
    // W2, release: publishes the words to the acquire load of `next` in Reader.
    block->next.store(next, std::memory_order_release);
    published_ = next;
    if (offset + 1 == kBlockMessages) {
      block_ = end_block(block, next);
      offset_ = 0;
    } else {
      offset_ = offset + 1;
    }
    return ring_->attention_.after_access();  // pairs with the barrier in settle()
  }

  /// Publishes `count` messages, each taken from `source()`, whole blocks at a time. Stops early
  /// when kClosing is raised; `published` tells how far it came. If `source` throws, what it gave
  /// before is published but for the begun block.
  template <class Source>
  void publish_many(std::size_t count, Source&& source) {
    // In registers while it runs, kept also if the source throws.
    struct Progress {
      Writer& writer;
      Block* block = writer.block_;
      std::size_t offset = writer.offset_;
      Sequence published = writer.published_;
      ~Progress() {
        writer.block_ = block;
        writer.offset_ = offset;
        writer.published_ = published;
      }
    } at{*this};
    while (count > 0) {
      const std::size_t here = std::min(kBlockMessages - at.offset, count);
      sync::fence(std::memory_order_release);  // as in publish
      AtomicWord* const words = at.block->at(at.offset);
      if (here == kBlockMessages) [[likely]] {
        store_all<kBlockMessages>(words, source);
      } else {
        for (std::size_t i = 0; i < here; ++i) store_words<T>(words + i * kWords, source());
      }
      at.published += here;
      at.block->next.store(at.published, std::memory_order_release);  // W2
      at.offset += here;
      if (at.offset == kBlockMessages) {
        at.block = end_block(at.block, at.published);
        at.offset = 0;
      }
      count -= here;
      const sync::Attention::Flags flags = ring_->attention_.after_access();
      if ((flags & sync::Attention::kClosing) != 0) [[unlikely]]
        break;
    }
  }

  /// The sequence that the next message gets.
  [[nodiscard]] Sequence published() const noexcept { return published_; }

  /// After kClosing: how many of the published messages lie beyond the end of the order. Nobody
  /// sees those.
  [[nodiscard]] Sequence excess() noexcept {
    const Sequence end = ring_->settle();
    return published_ > end ? published_ - end : 0;
  }

 private:
  template <std::size_t count, class Source>
  static void store_all(AtomicWord* words, Source& source) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < count; ++i) store_words<T>(words + i * kWords, source());
  }

  [[nodiscard]] Block* end_block(Block* block, Sequence reached) noexcept {
    // release: who starts from the hint sees the blocks before it as published.
    ring_->tail_hint_.store(reached, std::memory_order_release);
    if (block == stop_) [[unlikely]]
      return pass_stop(block, reached);
    return block + 1;
  }
  [[nodiscard]] Block* pass_stop(const Block* block, Sequence reached) noexcept {
    if (ring_->sampling_.is_on()) sample(reached);
    return ring_->after(block);
  }
  [[gnu::noinline]] void sample(Sequence reached) noexcept {
    ring_->sampling_.at(reached, kBlockMessages, ring_->attention_);
    choose_stop(reached);
  }
  /// The first block at or behind that of `position` after which there is more to do than to go on
  /// to the next: the last one of the ring, or that at which to sample.
  [[gnu::noinline]] void choose_stop(Sequence position) noexcept {
    Block* const block = ring_->block_of(position);
    const Sequence blocks = (ring_->sampling_.left(position) - 1) / kBlockMessages;
    const auto behind = static_cast<Sequence>(ring_->last_ - block);
    stop_ = block + std::min(blocks, behind);
  }

  DenseRing* ring_ = nullptr;
  Sequence published_ = 0;
  Block* block_ = nullptr;
  std::size_t offset_ = 0;
  Block* stop_ = nullptr;
};

/// A cursor into a DenseRing. One thread at a time; writes nothing that is shared.
template <WordCopyable T>
class DenseRing<T>::Reader {
 public:
  Reader() = default;
  Reader(DenseRing& ring, Sequence start) noexcept
      : ring_{&ring},
        attention_{&ring.attention_},
        capacity_{ring.capacity_},
        carry_at_{ring.carry_at_} {
    seek(start);
  }

  /// False for one made without a ring, which cannot be used.
  [[nodiscard]] explicit operator bool() const noexcept { return ring_ != nullptr; }

  [[nodiscard]] Sequence cursor() const noexcept { return cursor_; }

  void seek(Sequence sequence) noexcept {
    cursor_ = sequence;
    offset_ = static_cast<std::size_t>(sequence % kBlockMessages);
    block_ = ring_->block_of(sequence);
    const Block* const one_behind = ring_->before(block_);
    evictor_ = offset_ >= carry_at_ ? one_behind : ring_->before(one_behind);
  }

  /// True if `read` would not answer Empty.
  [[nodiscard, gnu::always_inline]] bool has_news() const noexcept {
    return block_->next.load(std::memory_order_acquire) > cursor_ || ring_->is_closed();
  }

  /// Reads the message at the cursor and hands it to `deliver` as a `const T&` to a private copy.
  /// The cursor advances when `deliver` has returned.
  template <class Deliver>
  [[nodiscard, gnu::always_inline]] ReadStatus read(Deliver&& deliver) {
    const Block* const block = block_;
    const std::size_t offset = offset_;
    const Sequence cursor = cursor_;
    // acquire: pairs with W2, the words are there.
    if (block->next.load(std::memory_order_acquire) <= cursor) [[unlikely]] {
      const ReadStatus status = why_not_published();
      if (status != ReadStatus::Ready) return status;
    }
    WordBuffer<T> copy;
    copy.load(block->at(offset));
    // Evicted, or the bus may be closed.
    if (evictor_next(evictor_) > cursor + capacity_ || !attention_->is_quiet()) [[unlikely]] {
      const ReadStatus status = look_again();
      if (status != ReadStatus::Ready) return status;
    }
    std::forward<Deliver>(deliver)(std::as_const(copy.value()));
    cursor_ = cursor + 1;
    if (offset + 1 == carry_at_) evictor_ = ring_->after(evictor_);
    move_to(block, offset + 1);
    return ReadStatus::Ready;
  }

  /// Reads up to `limit` messages into `out`, whole blocks at a time. Returns their number; if that
  /// is less than `limit`, `status` tells why.
  std::size_t read_many(T* out, std::size_t limit, ReadStatus& status) {
    std::size_t done = 0;
    // In registers while the loop runs.
    const Block* block = block_;
    const Block* evictor = evictor_;
    std::size_t offset = offset_;
    Sequence cursor = cursor_;
    while (done < limit) {
      const Sequence next = block->next.load(std::memory_order_acquire);  // pairs with W2
      if (next <= cursor) break;
      const std::size_t here = std::min(
          {kBlockMessages - offset, limit - done, static_cast<std::size_t>(next - cursor)});
      const AtomicWord* const words = block->at(offset);
      if (here == kBlockMessages) [[likely]] {
        copy_all<kBlockMessages>(words, out + done);
      } else {
        for (std::size_t i = 0; i < here; ++i) copy_out(words + i * kWords, out[done + i]);
      }
      // If the first message is intact, so are those behind it.
      if (evictor_next(evictor) > cursor + capacity_) [[unlikely]]
        break;
      if ((attention_->after_access() & sync::Attention::kClosing) != 0) [[unlikely]]
        break;
      if (offset < carry_at_ && carry_at_ <= offset + here) evictor = ring_->after(evictor);
      done += here;
      cursor += here;
      offset += here;
      if (offset == kBlockMessages) {
        block = ring_->after(block);
        offset = 0;
      }
    }
    block_ = block;
    evictor_ = evictor;
    offset_ = offset;
    cursor_ = cursor;
    // What the loop did not settle (the end, lag, a closed bus) is told by single reads.
    status = ReadStatus::Ready;
    while (done < limit) {
      status = read([&](const T& message) { out[done] = message; });
      if (status != ReadStatus::Ready) break;
      ++done;
    }
    return done;
  }

  /// After Lagged: moves to the oldest retained message and returns how many were missed.
  std::uint64_t skip_to_oldest() noexcept {
    const Sequence tail = ring_->tail();
    if (tail <= cursor_ + ring_->capacity_) return 0;
    const std::uint64_t missed = tail - ring_->capacity_ - cursor_;
    seek(cursor_ + missed);
    return missed;
  }

 private:
  /// After a copy of the message at the cursor: how far the block that evicts it has come.
  [[nodiscard]] static Sequence evictor_next(const Block* evictor) noexcept {
    // acquire fence: pairs with the release fence before W1. If the copy holds a word of a later
    // message, the load below sees the publication that evicted this one.
    sync::fence(std::memory_order_acquire);
    // acquire: a search for the tail that follows sees that publication, too.
    return evictor->next.load(std::memory_order_acquire);
  }

  static void copy_out(const AtomicWord* words, T& out) noexcept {
    WordBuffer<T> copy;
    copy.load(words);
    out = copy.value();
  }
  template <std::size_t count>
  static void copy_all(const AtomicWord* words, T* out) noexcept {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < count; ++i) copy_out(words + i * kWords, out[i]);
  }

  void move_to(const Block* block, std::size_t offset) noexcept {
    if (offset == kBlockMessages) {
      block_ = ring_->after(block);
      offset = 0;
    }
    offset_ = offset;
  }

  /// Empty, Closed, or Ready if the message turned out to be there (the bus closed behind it).
  [[gnu::noinline]] [[nodiscard]] ReadStatus why_not_published() noexcept {
    const bool closing = (ring_->attention_.after_access() & sync::Attention::kClosing) != 0;
    if (!closing) return ReadStatus::Empty;
    return cursor_ >= ring_->settle() ? ReadStatus::Closed : ReadStatus::Ready;
  }

  /// After a copy of the message at the cursor: whether it is retained and part of the order.
  [[gnu::noinline]] [[nodiscard]] ReadStatus look_again() noexcept {
    const bool evicted = evictor_next(evictor_) > cursor_ + capacity_;
    // Pairs with the barrier in settle().
    const sync::Attention::Flags flags = attention_->after_access();
    if ((flags & sync::Attention::kClosing) == 0) {
      return evicted ? ReadStatus::Lagged : ReadStatus::Ready;
    }
    const Sequence end = ring_->settle();
    if (cursor_ >= end) return ReadStatus::Closed;
    return cursor_ + ring_->capacity_ < end ? ReadStatus::Lagged : ReadStatus::Ready;
  }

  DenseRing* ring_ = nullptr;
  sync::Attention* attention_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t carry_at_ = 0;
  const Block* block_ = nullptr;
  std::size_t offset_ = 0;
  Sequence cursor_ = 0;
  const Block* evictor_ = nullptr;
};

}  // namespace ron::kernel
