// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Storage for any number of publishers of trivially copyable messages of one word. A slot is a pair
// of words that changes by one compare-and-swap of twice the word size, which claims the position,
// fills it and makes it visible in one step:
//
//     slot[s mod capacity]:  {s - capacity, message of s - capacity}  ->  {s, message of s}
//
//      63                                  1     0        63                                  0
//      +-----------------------------------+------+      +-------------------------------------+
//      |  sequence of the message, 63 bits | seal |      |  the message                        |
//      +-----------------------------------+------+      +-------------------------------------+
//
// A slot that was never published to carries a negative sequence. 63 bits do not wrap: at a
// thousand million messages a second they last for 290 years.
//
// Order, eviction, close and contention are as in pooled_ring.hpp: the swap succeeds only at the
// tail, it is what evicts s - capacity, a publisher halted anywhere has published or not begun to,
// and close() sets the seal at the tail by the same compare-and-swap, so that the next publisher
// finds its expected pair changed. Four slots share a cache line, so a reader that follows moves a
// line for every fourth message, and one that waits polls the very line the next message comes on.
//
// A reader copies the message and then looks at the sequence again: unchanged means that the two
// belong together and that the message was retained at that moment.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "ronbus/kernel/sampling.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/kernel/word_copy.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/atomic_pair.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/backoff.hpp"
#include "ronbus/sync/cache_line.hpp"

namespace ron::kernel {

/// What fits a PairedRing here.
template <class T>
concept OneWord = sync::kAtomicPairs && WordCopyable<T> && sizeof(T) <= sizeof(std::uint64_t);

template <OneWord T>
class PairedRing {
  using Pair = sync::AtomicPair::Value;

 public:
  /// Whether a Writer has a publish_many of its own.
  static constexpr bool kBatches = true;

  /// A message that is not published yet.
  class Prepared {
   public:
    [[nodiscard]] explicit operator bool() const noexcept { return true; }

   private:
    friend class PairedRing;
    explicit Prepared(std::uint64_t word) noexcept : word_{word} {}
    std::uint64_t word_;
  };
  /// A message that outlasts the read.
  class Hold {
   public:
    [[nodiscard]] const T& message() const noexcept { return copy_.value(); }

   private:
    friend class PairedRing;
    WordBuffer<T> copy_;
  };

  /// `attention` must outlive the ring. For `sample_every` see Sampling.
  PairedRing(std::size_t capacity, std::uint32_t flush_threshold, sync::Attention& attention,
             Sequence sample_every = 0)
      : mask_{capacity - 1},
        flush_threshold_{flush_threshold},
        sampling_{sample_every},
        attention_{attention},
        slots_{std::make_unique_for_overwrite<sync::AtomicPair[]>(capacity)} {
    for (std::size_t i = 0; i < capacity; ++i) {
      slots_[i].initialize({.first = tag(Sequence{i} - capacity), .second = 0});
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
    for (Sequence at = tail_from(hint());; at = tail_from(at)) {
      // seq_cst: a publisher that is not seen here sees who made itself known before.
      if (ahead_of(slot(at).first(std::memory_order_seq_cst), at) < 0) return at;
    }
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

 private:
  static constexpr std::uint64_t kSeal = 1;

  /// The first word of the slot that holds message `sequence`, not sealed.
  [[nodiscard]] static constexpr std::uint64_t tag(Sequence sequence) noexcept {
    return sequence << 1;
  }
  [[nodiscard]] static constexpr bool is_sealed(std::uint64_t word) noexcept {
    return (word & kSeal) != 0;
  }
  /// Sequences from `sequence` to that of `word`, negative if that is an earlier one.
  [[nodiscard]] static constexpr std::int64_t ahead_of(std::uint64_t word,
                                                       Sequence sequence) noexcept {
    return static_cast<std::int64_t>(word - tag(sequence)) >> 1;
  }

  [[nodiscard]] sync::AtomicPair& slot(Sequence sequence) const noexcept {
    return slots_[static_cast<std::size_t>(sequence) & mask_];
  }

  [[nodiscard]] Sequence hint() const noexcept {
    // acquire: pairs with the release in Writer::flush.
    return tail_hint_.load(std::memory_order_acquire);
  }

  /// The first unpublished position, found by walking from one that is not beyond it.
  [[nodiscard]] Sequence tail_from(Sequence at) const noexcept {
    for (;;) {
      // acquire: pairs with the swap in swap_in; who goes on from here has seen all before it.
      const std::int64_t ahead = ahead_of(slot(at).first(std::memory_order_acquire), at);
      if (ahead < 0) return at;
      at += static_cast<Sequence>(ahead) + 1;
    }
  }

  /// Sets the seal at the tail, or finds it set.
  [[gnu::noinline]] void seal() noexcept {
    for (Sequence at = tail();; at = tail_from(at)) {
      const std::uint64_t word = slot(at).first(std::memory_order_acquire);
      if (is_sealed(word)) return;
      if (ahead_of(word, at) >= 0) continue;  // published meanwhile
      // relaxed: for the swap to verify.
      const std::uint64_t message = slot(at).second(std::memory_order_relaxed);
      if (slot(at).compare_exchange({.first = word, .second = message},
                                    {.first = word | kSeal, .second = message})) {
        return;
      }
    }
  }

  const std::size_t mask_;
  const std::uint32_t flush_threshold_;
  const Sampling sampling_;
  sync::Attention& attention_;
  const std::unique_ptr<sync::AtomicPair[]> slots_;
  alignas(sync::kCacheLine) sync::Atomic<Sequence> tail_hint_{0};
};

/// A publishing end. One thread at a time; any number of writers.
template <OneWord T>
class PairedRing<T>::Writer {
 public:
  Writer() = default;
  explicit Writer(PairedRing& ring) noexcept
      : ring_{&ring},
        slots_{ring.slots_.get()},
        mask_{ring.mask_},
        position_{ring.hint()},
        next_flush_{position_ + ring.flush_threshold_} {}
  Writer(Writer&& other) noexcept { swap(other); }
  Writer& operator=(Writer&& other) noexcept {
    swap(other);
    return *this;
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    // The next writer starts from the hint.
    if (ring_ != nullptr && position_ + ring_->flush_threshold_ != next_flush_) flush();
  }

  /// False for one made without a ring, which cannot be used.
  [[nodiscard]] explicit operator bool() const noexcept { return ring_ != nullptr; }

  template <class... Args>
  [[nodiscard]] Prepared prepare(Args&&... args) {
    const T message(std::forward<Args>(args)...);
    std::uint64_t word = 0;
    std::memcpy(&word, &message, sizeof(T));
    return Prepared{word};
  }

  /// Publishes some messages from `next` on and advances it past them: up to `count`, none at or
  /// beyond `limit`, and so few that a closer need not wait long. Returns their number; 0 only if
  /// the order has ended or the limit is reached.
  template <class Iterator>
  std::size_t publish_many(Iterator& next, std::size_t count, Sequence limit) {
    std::size_t done = 0;
    std::optional<Prepared> left;
    {
      // In a register while it runs, kept also if the iterator throws.
      struct Progress {
        Writer& writer;
        Sequence position = writer.position_;
        ~Progress() { writer.position_ = position; }
      } at{*this};
      const std::size_t most = std::min(count, kWithoutLook);
      for (; done < most && at.position < limit; ++done, ++next, ++at.position) {
        const Prepared prepared = prepare(*next);
        if (swap_in(at.position, prepared)) [[likely]]
          continue;
        left = prepared;
        break;
      }
    }
    if (position_ >= next_flush_) [[unlikely]]
      flush();
    // Each is made once, also where others were faster: making it may have published, too.
    if (done == 0 && !left) left = prepare(*next);
    if (left && commit_slowly(*left, limit) == CommitStatus::Done) {
      ++next;
      ++done;
    }
    return done;
  }

  /// Publishes a prepared message at the tail.
  [[nodiscard, gnu::always_inline]] CommitStatus commit(const Prepared& prepared) noexcept {
    if (try_swap(prepared)) [[likely]]
      return CommitStatus::Done;
    return commit_slowly(prepared, kNoLimit);
  }

  /// The same, unless the tail is at or beyond `limit`: Full then, and the message may be committed
  /// again.
  [[nodiscard, gnu::always_inline]] CommitStatus commit_within(const Prepared& prepared,
                                                               Sequence limit) noexcept {
    if (position_ < limit && try_swap(prepared)) [[likely]]
      return CommitStatus::Done;
    return commit_slowly(prepared, limit);
  }

  void abandon(const Prepared& /*prepared*/) noexcept {}

  /// The message of a prepared one, to be given back to its owner.
  [[nodiscard]] T take_back(const Prepared& prepared) noexcept {
    WordBuffer<T> copy;
    copy.set(&prepared.word_);
    return std::move(copy.value());
  }

  /// Where this writer believes the tail to be; not beyond it.
  [[nodiscard]] Sequence position() const noexcept { return position_; }

 private:
  /// One attempt to publish at `position_`; fails if that is not the tail, or sealed.
  [[nodiscard, gnu::always_inline]] bool try_swap(const Prepared& prepared) noexcept {
    const Sequence at = position_;
    if (!swap_in(at, prepared)) [[unlikely]]
      return false;
    position_ = at + 1;
    if (at + 1 >= next_flush_) [[unlikely]]
      flush();
    return true;
  }

  [[nodiscard, gnu::always_inline]] bool swap_in(Sequence at, const Prepared& prepared) noexcept {
    const std::size_t mask = mask_;
    sync::AtomicPair& slot = slots_[static_cast<std::size_t>(at) & mask];
    // relaxed: a guess for the swap to verify.
    const std::uint64_t evicted = slot.second(std::memory_order_relaxed);
    // The swap is sequentially consistent: it publishes the message to the acquire loads of
    // readers, takes over all that the publisher of the message before knew, and comes before the
    // look at the attention word.
    return slot.compare_exchange({.first = tag(at - mask - 1), .second = evicted},
                                 {.first = tag(at), .second = prepared.word_});
  }

  [[gnu::noinline]] [[nodiscard]] CommitStatus commit_slowly(const Prepared& prepared,
                                                             Sequence limit) noexcept {
    if (ring_ == nullptr) return CommitStatus::Refused;  // moved from
    sync::Backoff backoff;
    for (;;) {
      // acquire: a published position tells that all before it are, too.
      const std::uint64_t word = ring_->slot(position_).first(std::memory_order_acquire);
      if (ahead_of(word, position_) >= 0) {
        position_ = ring_->tail_from(std::max(position_, ring_->hint()));
        continue;
      }
      if (is_sealed(word)) return CommitStatus::Refused;
      if (position_ >= limit) return CommitStatus::Full;
      if (try_swap(prepared)) return CommitStatus::Done;
      backoff.pause();
    }
  }

  [[gnu::noinline]] void flush() noexcept {
    next_flush_ = position_ + ring_->flush_threshold_;
    ring_->sampling_.at(position_, ring_->flush_threshold_, ring_->attention_);
    // release: who starts from the hint sees the positions before it as published.
    ring_->tail_hint_.store(position_, std::memory_order_release);
  }

  void swap(Writer& other) noexcept {
    std::swap(ring_, other.ring_);
    std::swap(slots_, other.slots_);
    std::swap(mask_, other.mask_);
    std::swap(position_, other.position_);
    std::swap(next_flush_, other.next_flush_);
  }

  /// Messages of a batch between two looks at whether the bus is closing.
  static constexpr std::size_t kWithoutLook = 16;

  /// Where a writer without a ring looks: nothing can be published there.
  static inline sync::AtomicPair nowhere{};

  PairedRing* ring_ = nullptr;
  sync::AtomicPair* slots_ = &nowhere;
  std::size_t mask_ = 0;
  Sequence position_ = 0;
  Sequence next_flush_ = 0;
};

/// A cursor into a PairedRing. One thread at a time; writes nothing that is shared.
template <OneWord T>
class PairedRing<T>::Reader {
 public:
  Reader() = default;
  Reader(PairedRing& ring, Sequence start) noexcept
      : ring_{&ring}, slots_{ring.slots_.get()}, mask_{ring.mask_}, cursor_{start} {}

  /// False for one made without a ring, which cannot be used.
  [[nodiscard]] explicit operator bool() const noexcept { return ring_ != nullptr; }

  [[nodiscard]] Sequence cursor() const noexcept { return cursor_; }
  void seek(Sequence sequence) noexcept { cursor_ = sequence; }

  /// True if `read` would not answer Empty.
  [[nodiscard, gnu::always_inline]] bool has_news() const noexcept {
    // seq_cst: a sleeper's second look comes after its flag went up.
    const std::uint64_t word = at(cursor_).first(std::memory_order_seq_cst);
    return ahead_of(word, cursor_) >= 0 || is_sealed(word);
  }

  /// Reads the message at the cursor and hands it to `deliver` as a `const T&` to a private copy.
  /// The cursor advances when `deliver` has returned.
  template <class Deliver>
  [[nodiscard, gnu::always_inline]] ReadStatus read(Deliver&& deliver) {
    WordBuffer<T> copy;
    const Sequence cursor = cursor_;
    const ReadStatus status = copy_valid(copy, cursor);
    if (status != ReadStatus::Ready) [[unlikely]]
      return status;
    std::forward<Deliver>(deliver)(std::as_const(copy.value()));
    cursor_ = cursor + 1;
    return ReadStatus::Ready;
  }

  /// As `read`, but the copy stays in `hold`.
  [[nodiscard]] ReadStatus hold(Hold& hold) noexcept {
    const ReadStatus status = copy_valid(hold.copy_, cursor_);
    if (status == ReadStatus::Ready) ++cursor_;
    return status;
  }

  /// Reads up to `limit` messages into `out`. Returns their number; if that is less than `limit`,
  /// `status` tells why.
  std::size_t read_many(T* out, std::size_t limit, ReadStatus& status) noexcept {
    status = ReadStatus::Ready;
    std::size_t done = 0;
    while (done < limit) {
      const Sequence cursor = cursor_;
      const std::size_t copied =
          copy_published(out + done, cursor, std::min(limit - done, kValidatedAtOnce));
      // Messages are evicted in their order: if the first is retained still, all are.
      if (copied == 0 || !is_of(at(cursor).first(std::memory_order_acquire), cursor)) [[unlikely]] {
        status = why_not();
        if (status != ReadStatus::Ready) break;
        continue;  // published meanwhile
      }
      cursor_ = cursor + copied;
      done += copied;
    }
    return done;
  }

  /// After Lagged: moves to the oldest retained message and returns how many were missed.
  std::uint64_t skip_to_oldest() noexcept {
    const Sequence tail = ring_->tail_from(std::max(cursor_, ring_->hint()));
    if (tail <= cursor_ + mask_ + 1) return 0;
    const std::uint64_t missed = tail - mask_ - 1 - cursor_;
    cursor_ += missed;
    return missed;
  }

 private:
  /// So few that a publisher at full speed does not make every attempt vain.
  static constexpr std::size_t kValidatedAtOnce = 32;

  [[nodiscard]] const sync::AtomicPair& at(Sequence sequence) const noexcept {
    return slots_[static_cast<std::size_t>(sequence) & mask_];
  }
  /// The slot holds message `sequence`, sealed behind or not.
  [[nodiscard]] static bool is_of(std::uint64_t word, Sequence sequence) noexcept {
    return word - tag(sequence) <= kSeal;
  }

  [[nodiscard, gnu::always_inline]] ReadStatus copy_valid(WordBuffer<T>& copy,
                                                          Sequence cursor) const noexcept {
    const sync::AtomicPair& slot = at(cursor);
    // acquire: pairs with the swap in swap_in; what its publisher knew comes with the message.
    if (!is_of(slot.first(std::memory_order_acquire), cursor)) [[unlikely]] {
      const ReadStatus status = why_not();
      if (status != ReadStatus::Ready) return status;
    }
    // acquire: if this is of a later message, the look below sees its sequence.
    const std::uint64_t word = slot.second(std::memory_order_acquire);
    copy.set(&word);
    // acquire: a search for the tail that follows sees it, too.
    return is_of(slot.first(std::memory_order_acquire), cursor) ? ReadStatus::Ready
                                                                : ReadStatus::Lagged;
  }

  /// Copies messages from `cursor` on, as far as they are published; not validated.
  [[nodiscard]] std::size_t copy_published(T* out, Sequence cursor,
                                           std::size_t limit) const noexcept {
    std::size_t copied = 0;
    for (; copied < limit; ++copied) {
      const sync::AtomicPair& slot = at(cursor + copied);
      // Both acquire as in copy_valid.
      if (!is_of(slot.first(std::memory_order_acquire), cursor + copied)) break;
      const std::uint64_t word = slot.second(std::memory_order_acquire);
      std::memcpy(static_cast<void*>(out + copied), &word, sizeof(T));
    }
    return copied;
  }

  /// Why there was nothing to read at the cursor; Ready if there is by now.
  [[gnu::noinline]] [[nodiscard]] ReadStatus why_not() const noexcept {
    const std::uint64_t word = at(cursor_).first(std::memory_order_acquire);
    const std::int64_t ahead = ahead_of(word, cursor_);
    if (ahead > 0) return ReadStatus::Lagged;
    if (ahead == 0) return ReadStatus::Ready;
    return is_sealed(word) ? ReadStatus::Closed : ReadStatus::Empty;
  }

  PairedRing* ring_ = nullptr;
  const sync::AtomicPair* slots_ = nullptr;
  std::size_t mask_ = 0;
  Sequence cursor_ = 0;
};

}  // namespace ron::kernel
