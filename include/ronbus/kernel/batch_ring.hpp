// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Storage for any number of publishers of trivially copyable messages that come in batches: what
// others pay for each message, this pays for each batch.
//
// A publisher writes a batch into memory of its own, its strip, links it into the order, and moves
// the tail over it:
//
//     strip       the messages, one after the other; from the begin again where it ends
//     slots[b]    { begin of batch b, messages in it }  { where they lie }
//     tail        { sequence behind the last message, closed }  { b of the next batch }
//
//       63                                7 6      0       63                                0
//      +-----------------------------------+----------+    +-----------------------------------+
//      |  sequence of the first message    |  number  |    |  address of the first message     |
//      +-----------------------------------+-+--------+    +-----------------------------------+
//      |  sequence behind the last message   | closed |    |  number of the next batch         |
//      +-------------------------------------+--------+    +-----------------------------------+
//       63                                  1     0         63                                0
//
//   publisher   (P1) writes the messages   (P2) slots[b]: older -> batch, by a swap of both words
//               (P3) tail: { begin, b } -> { end, b + 1 }, likewise; or finds that another did
//
// What the tail is behind is published, all of a batch at once, and nothing else is: readers look
// at slots before the tail only. P2 succeeds for one publisher, and not before the tail has come
// to b. Others who find the slot taken do P3 for it before they go on to the next: a publisher
// halted anywhere has either published, or others publish for it, or it has not begun to.
//
// close() sets the bit of the tail by the same swap. A batch that was linked there is not
// published any more: its P3 fails.
//
// Eviction is a publication here, too: a message is evicted when the tail is more than a capacity
// behind it. A strip holds a batch more than the capacity, and there are twice as many slots as
// messages: what is written again was evicted before, by P3 of its own publisher or of who had
// linked there. A reader copies, then looks at the tail: if the message is retained, what was
// copied is whole.
//
// Begins are compared modulo 2^57: readers and writers that rest while exactly so many messages are
// published would be confused.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <utility>

#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sampling.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/kernel/word_copy.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/atomic_pair.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/backoff.hpp"
#include "ronbus/sync/cache_line.hpp"

namespace ron::kernel {

template <WordCopyable T>
class BatchRing {
  using Pair = sync::AtomicPair::Value;

  static constexpr std::size_t kWords = kWordsOf<T>;

 public:
  /// Messages that are published by one swap, at most.
  static constexpr std::size_t kMaxBatch = sync::kModelCheck ? 2 : 64;

  /// A message that is not published yet.
  class Prepared {
   public:
    [[nodiscard]] explicit operator bool() const noexcept { return true; }

   private:
    friend class BatchRing;
    explicit Prepared(const T& message) noexcept : copy_{message} {}
    WordBuffer<T> copy_;
  };
  /// A message that outlasts the read.
  class Hold {
   public:
    [[nodiscard]] const T& message() const noexcept { return copy_.value(); }

   private:
    friend class BatchRing;
    WordBuffer<T> copy_;
  };

  /// `attention` must outlive the ring. For `sample_every` see Sampling.
  BatchRing(std::size_t capacity, std::uint32_t flush_threshold, sync::Attention& attention,
            Sequence sample_every = 0)
      : capacity_{capacity},
        flush_threshold_{flush_threshold},
        sampling_{sample_every},
        attention_{attention},
        slots_{std::make_unique_for_overwrite<sync::AtomicPair[]>(2 * capacity)} {
    // As if published long before.
    const std::uint64_t never = tag(Sequence{0} - 4 * capacity, 0);
    for (std::size_t i = 0; i < 2 * capacity; ++i) {
      slots_[i].initialize({.first = never, .second = 0});
    }
    tail_.initialize({.first = 0, .second = 0});
  }

  class Writer;
  class Reader;

  /// Ends the order: once this returns, no message is added to it. Idempotent, never waits.
  void close() noexcept {
    attention_.raise(sync::Attention::kClosing);
    for (;;) {
      const Tail now = look_at_tail();
      if (now.is_closed()) return;
      if (tail_.compare_exchange({.first = now.word, .second = now.batch},
                                 {.first = now.word | kClosed, .second = now.batch})) {
        return;
      }
    }
  }

  /// The sequence that the next published message gets; after close, the end of the order.
  [[nodiscard]] Sequence tail() const noexcept {
    // seq_cst: a publisher that is not seen here sees who made itself known before.
    return end_of(tail_.first(std::memory_order_seq_cst));
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  using Batch = std::uint64_t;  ///< number of a batch

  static constexpr std::uint64_t kClosed = 1;
  static constexpr unsigned kBeginShift = 7;
  static constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kBeginShift) - 1;
  static_assert(kMaxBatch <= kCountMask);

  [[nodiscard]] static constexpr Sequence end_of(std::uint64_t tail_word) noexcept {
    return tail_word >> 1;
  }
  [[nodiscard]] static constexpr std::uint64_t tag(Sequence begin, std::size_t count) noexcept {
    return begin << kBeginShift | count;
  }
  [[nodiscard]] static constexpr std::size_t count_of(std::uint64_t word) noexcept {
    return static_cast<std::size_t>(word & kCountMask);
  }
  /// Messages from `sequence` to the begin of the batch of `word`, negative if that is older.
  [[nodiscard]] static constexpr std::int64_t ahead_of(std::uint64_t word,
                                                       Sequence sequence) noexcept {
    return static_cast<std::int64_t>(word - tag(sequence, 0)) >> kBeginShift;
  }

  struct Tail {
    std::uint64_t word = 0;
    Batch batch = 0;

    [[nodiscard]] Sequence end() const noexcept { return end_of(word); }
    [[nodiscard]] bool is_closed() const noexcept { return (word & kClosed) != 0; }
  };

  /// Both words of the tail as they were at one moment.
  [[nodiscard]] Tail look_at_tail() const noexcept {
    // acquire: what is before the tail is linked and written. Batches only grow: the word between
    // two looks that find the same one belongs to it; closing changes the word alone.
    Batch batch = tail_.second(std::memory_order_acquire);
    for (;;) {
      const std::uint64_t word = tail_.first(std::memory_order_acquire);
      const Batch again = tail_.second(std::memory_order_acquire);
      if (again == batch) return {.word = word, .batch = batch};
      batch = again;
    }
  }

  [[nodiscard]] sync::AtomicPair& slot(Batch batch) const noexcept {
    return slots_[static_cast<std::size_t>(batch) & (2 * capacity_ - 1)];
  }

  /// P3 for the batch at `position`. False if the order has ended there.
  [[nodiscard]] bool move_tail(Sequence position, Batch batch, std::size_t count) noexcept {
    // seq_cst: the publication; comes before the look at the attention word.
    if (tail_.compare_exchange({.first = position << 1, .second = batch},
                               {.first = (position + count) << 1, .second = batch + 1}))
        [[likely]] {
      return true;
    }
    // Somebody did it, or has closed.
    return look_at_tail().batch != batch;
  }

  /// What a publisher writes its batches into, and where it is.
  struct alignas(sync::kCacheLine) Strip : RegistryEntry<Strip> {
    BatchRing* ring = nullptr;
    std::unique_ptr<AtomicWord[]> words;  ///< none before there is memory
    std::size_t next = 0;                 ///< message to be written next
    Sequence position = 0;
    Batch batch = 0;
    Sequence next_sample = 0;
  };

  /// In messages.
  [[nodiscard]] std::size_t strip_length() const noexcept { return capacity_ + kMaxBatch; }
  /// With what a reader may look at behind the end that takes a later batch for a longer one.
  [[nodiscard]] std::size_t strip_words() const noexcept {
    return (strip_length() + kMaxBatch - 1) * kWords;
  }

  const std::size_t capacity_;
  const std::uint32_t flush_threshold_;
  const Sampling sampling_;
  sync::Attention& attention_;
  const std::unique_ptr<sync::AtomicPair[]> slots_;
  Registry<Strip> strips_;
  alignas(sync::kCacheLine) sync::AtomicPair tail_;
};

/// A publishing end, with a strip of its own. One thread at a time; any number of writers. Empty if
/// there was no memory for it.
template <WordCopyable T>
class BatchRing<T>::Writer {
 public:
  Writer() = default;
  explicit Writer(BatchRing& ring) noexcept : strip_{ring.strips_.claim()} {
    if (strip_ == nullptr) return;
    strip_->ring = &ring;
    if (strip_->words == nullptr) {
      strip_->words.reset(new (std::nothrow) AtomicWord[ring.strip_words()]);
    }
    if (strip_->words == nullptr) {
      ring.strips_.release(*std::exchange(strip_, nullptr));
      return;
    }
    const Tail tail = ring.look_at_tail();
    strip_->position = tail.end();
    strip_->batch = tail.batch;
    strip_->next_sample = tail.end() + ring.flush_threshold_;
  }
  Writer(Writer&& other) noexcept : strip_{std::exchange(other.strip_, nullptr)} {}
  Writer& operator=(Writer&& other) noexcept {
    std::swap(strip_, other.strip_);
    return *this;
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (strip_ != nullptr) [[unlikely]]
      strip_->ring->strips_.release(*strip_);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return strip_ != nullptr; }

  template <class... Args>
  [[nodiscard]] static Prepared prepare(Args&&... args) {
    return Prepared{T(std::forward<Args>(args)...)};
  }

  /// Publishes a prepared message at the tail.
  [[nodiscard]] CommitStatus commit(const Prepared& prepared) noexcept {
    return commit_within(prepared, kNoLimit);
  }
  /// The same, unless the tail is at or beyond `limit`: Full then, and the message may be committed
  /// again.
  [[nodiscard]] CommitStatus commit_within(const Prepared& prepared, Sequence limit) noexcept {
    if (strip_ == nullptr) return CommitStatus::Refused;  // moved from
    std::size_t count = 1;
    write(0, prepared.copy_.value());
    return publish(count, limit);
  }

  void abandon(const Prepared& /*prepared*/) noexcept {}

  /// Publishes messages from `next` on and advances it past them: up to `count`, as many as one
  /// batch holds, none at or beyond `limit`. Returns their number; 0 only if the order has ended or
  /// the limit is reached. `inspect` is shown each message that is made. Messages that were made
  /// but not published, as others came to the limit first, are made again by the next call. Making
  /// a message may publish by this writer. If it throws, those made before are published.
  template <class Iterator, class Inspect>
  std::size_t publish_many(Iterator& next, std::size_t count, Sequence limit,
                           const Inspect& inspect) {
    std::array<WordBuffer<T>, kMaxBatch> made;
    std::size_t done = 0;
    struct PublishAtExit {
      Writer& writer;
      const std::array<WordBuffer<T>, kMaxBatch>& messages;
      Sequence limit;
      std::size_t& done;
      std::size_t count = 0;
      ~PublishAtExit() { done = writer.publish_made(messages.data(), count, limit); }
    };
    Iterator behind = next;
    {
      PublishAtExit publish{*this, made, limit, done};
      const Sequence room = limit - std::min(limit, position());
      const auto most =
          static_cast<std::size_t>(std::min<Sequence>(std::min(count, most_in_one()), room));
      for (; publish.count < most; ++behind) {
        const T message(*behind);
        inspect(message);
        made[publish.count++].set(&message);
      }
    }
    std::ranges::advance(next, static_cast<std::iter_difference_t<Iterator>>(done));
    return done;
  }

  /// Where this writer believes the tail to be; not beyond it.
  [[nodiscard]] Sequence position() const noexcept { return strip_->position; }

 private:
  /// Publishes the first of so many messages, as many as go into one batch.
  std::size_t publish_made(const WordBuffer<T>* messages, std::size_t count,
                           Sequence limit) noexcept {
    if (strip_ == nullptr || count == 0) return 0;
    count = std::min(count, most_in_one());
    for (std::size_t i = 0; i < count; ++i) write(i, messages[i].value());
    return publish(count, limit) == CommitStatus::Done ? count : 0;
  }

  /// Messages that the next batch may have: a strip is not left before its end.
  [[nodiscard]] std::size_t most_in_one() const noexcept {
    return std::min(kMaxBatch, strip_->ring->strip_length() - strip_->next);
  }

  /// P1, for message `i` of the next batch.
  void write(std::size_t i, const T& message) noexcept {
    // release: who reads any of this sees that the tail has left behind what it is written over.
    if (i == 0) sync::fence(std::memory_order_release);
    store_words(&strip_->words[(strip_->next + i) * kWords], message);
  }

  /// P2 and P3 for `count` messages that are written, or fewer, as the limit says.
  [[nodiscard]] CommitStatus publish(std::size_t& count, Sequence limit) noexcept {
    if (position() < limit) [[likely]] {
      count = static_cast<std::size_t>(std::min<Sequence>(count, limit - position()));
      const Linked linked = try_link(count);
      if (linked == Linked::Published) [[likely]]
        return CommitStatus::Done;
      if (linked == Linked::Ended) return CommitStatus::Refused;
    }
    return publish_slowly(count, limit);
  }

  enum class Linked : std::uint8_t { Published, Ended, NotAtTail };

  /// One attempt at `position()`; NotAtTail if others were faster.
  [[nodiscard]] Linked try_link(std::size_t count) noexcept {
    Strip& strip = *strip_;
    sync::AtomicPair& slot = strip.ring->slot(strip.batch);
    // relaxed: a guess for the swap to verify.
    const Pair expected{.first = slot.first(std::memory_order_relaxed),
                        .second = slot.second(std::memory_order_relaxed)};
    if (ahead_of(expected.first, strip.position) >= 0) [[unlikely]]
      return Linked::NotAtTail;
    AtomicWord* const words = &strip.words[strip.next * kWords];
    // The swap is sequentially consistent: it takes over all that the publisher before knew.
    if (!slot.compare_exchange(expected, {.first = tag(strip.position, count),
                                          .second = reinterpret_cast<std::uintptr_t>(words)}))
        [[unlikely]] {
      return Linked::NotAtTail;
    }
    // If it is not published, it never will be, and may be written over.
    if (!strip.ring->move_tail(strip.position, strip.batch, count)) [[unlikely]]
      return Linked::Ended;
    strip.next += count;
    if (strip.next == strip.ring->strip_length()) strip.next = 0;
    strip.position += count;
    ++strip.batch;
    if (strip.position >= strip.next_sample) [[unlikely]]
      sample();
    return Linked::Published;
  }

  [[gnu::noinline]] [[nodiscard]] CommitStatus publish_slowly(std::size_t& count,
                                                              Sequence limit) noexcept {
    Strip& strip = *strip_;
    BatchRing& ring = *strip.ring;
    sync::Backoff backoff;
    for (;;) {
      // relaxed: the swap of the tail verifies it, and readers look at the slot themselves.
      const std::uint64_t word = ring.slot(strip.batch).first(std::memory_order_relaxed);
      const std::int64_t ahead = ahead_of(word, strip.position);
      if (ahead == 0) {
        if (!ring.move_tail(strip.position, strip.batch, count_of(word))) {
          return CommitStatus::Refused;
        }
        strip.position += count_of(word);
        ++strip.batch;
        continue;
      }
      const Tail tail = ring.look_at_tail();
      if (tail.is_closed()) return CommitStatus::Refused;
      if (tail.batch > strip.batch) {
        strip.position = tail.end();
        strip.batch = tail.batch;
        continue;
      }
      if (strip.position >= limit) return CommitStatus::Full;
      count = static_cast<std::size_t>(std::min<Sequence>(count, limit - strip.position));
      switch (try_link(count)) {
        case Linked::Published:
          return CommitStatus::Done;
        case Linked::Ended:
          return CommitStatus::Refused;
        case Linked::NotAtTail:
          break;
      }
      backoff.pause();
    }
  }

  [[gnu::noinline]] void sample() noexcept {
    BatchRing& ring = *strip_->ring;
    strip_->next_sample = position() + ring.flush_threshold_;
    ring.sampling_.at(position(), ring.flush_threshold_, ring.attention_);
  }

  Strip* strip_ = nullptr;
};

/// A cursor into a BatchRing. One thread at a time; writes nothing that is shared.
template <WordCopyable T>
class BatchRing<T>::Reader {
 public:
  Reader() = default;
  Reader(BatchRing& ring, Sequence start) noexcept : ring_{&ring}, cursor_{start} {}

  /// False for one made without a ring, which cannot be used.
  [[nodiscard]] explicit operator bool() const noexcept { return ring_ != nullptr; }

  [[nodiscard]] Sequence cursor() const noexcept { return cursor_; }
  void seek(Sequence sequence) noexcept {
    cursor_ = sequence;
    left_ = 0;
    batch_ = kUnknown;
  }

  /// True if `read` would not answer Empty.
  [[nodiscard]] bool has_news() const noexcept {
    // seq_cst: a sleeper's second look comes after its flag went up.
    const std::uint64_t word = ring_->tail_.first(std::memory_order_seq_cst);
    return end_of(word) > cursor_ || (word & kClosed) != 0;
  }

  /// Reads the message at the cursor and hands it to `deliver` as a `const T&` to a private copy.
  /// The cursor advances when `deliver` has returned.
  template <class Deliver>
  [[nodiscard, gnu::always_inline]] ReadStatus read(Deliver&& deliver) {
    WordBuffer<T> copy;
    const ReadStatus status = copy_valid(copy);
    if (status != ReadStatus::Ready) [[unlikely]]
      return status;
    std::forward<Deliver>(deliver)(std::as_const(copy.value()));
    advance(1);
    return ReadStatus::Ready;
  }

  /// As `read`, but the copy stays in `hold`.
  [[nodiscard]] ReadStatus hold(Hold& hold) noexcept {
    const ReadStatus status = copy_valid(hold.copy_);
    if (status == ReadStatus::Ready) advance(1);
    return status;
  }

  /// Reads up to `limit` messages into `out`. Returns their number; if that is less than `limit`,
  /// `status` tells why.
  std::size_t read_many(T* out, std::size_t limit, ReadStatus& status) noexcept {
    status = ReadStatus::Ready;
    std::size_t done = 0;
    while (done < limit) {
      if (left_ == 0) {
        status = load_batch();
        if (status != ReadStatus::Ready) break;
      }
      const std::size_t now = std::min(limit - done, left_);
      for (std::size_t i = 0; i < now; ++i) {
        WordBuffer<T> copy;
        copy.load(words_ + i * kWords);
        std::memcpy(static_cast<void*>(out + done + i), &copy.value(), sizeof(T));
      }
      // Messages are evicted in their order: if the first is retained still, all are.
      if (!is_retained()) [[unlikely]] {
        status = ReadStatus::Lagged;
        break;
      }
      advance(now);
      done += now;
    }
    return done;
  }

  /// After Lagged: moves to the oldest retained message and returns how many were missed.
  std::uint64_t skip_to_oldest() noexcept {
    // relaxed: not before the tail that was seen to have left the cursor behind. What is read next
    // is looked for anew.
    const Sequence tail = end_of(ring_->tail_.first(std::memory_order_relaxed));
    if (tail <= cursor_ + ring_->capacity_) return 0;
    const std::uint64_t missed = tail - ring_->capacity_ - cursor_;
    seek(cursor_ + missed);
    return missed;
  }

 private:
  static constexpr Batch kUnknown = ~Batch{0};

  [[nodiscard, gnu::always_inline]] ReadStatus copy_valid(WordBuffer<T>& copy) noexcept {
    if (left_ == 0) {
      const ReadStatus status = load_batch();
      if (status != ReadStatus::Ready) return status;
    }
    copy.load(words_);
    return is_retained() ? ReadStatus::Ready : ReadStatus::Lagged;
  }

  /// After copying: whether the message at the cursor is retained, and what was copied is whole.
  [[nodiscard]] bool is_retained() const noexcept {
    // acquire: if a word was of a later message, the tail is seen that had left this one behind.
    sync::fence(std::memory_order_acquire);
    return end_of(ring_->tail_.first(std::memory_order_relaxed)) <= cursor_ + ring_->capacity_;
  }

  void advance(std::size_t count) noexcept {
    cursor_ += count;
    words_ += count * kWords;
    left_ -= count;
  }

  /// Finds the batch that the cursor is in. Ready if there is one; the message may be evicted.
  [[gnu::noinline]] [[nodiscard]] ReadStatus load_batch() noexcept {
    const Tail tail = ring_->look_at_tail();
    if (cursor_ >= tail.end()) return tail.is_closed() ? ReadStatus::Closed : ReadStatus::Empty;
    const Batch batch = batch_ == kUnknown ? find(tail) : batch_;
    const sync::AtomicPair& slot = ring_->slot(batch);
    // acquire: the address is of this batch or a later one, and the messages are written.
    const std::uint64_t word = slot.first(std::memory_order_acquire);
    const std::uint64_t address = slot.second(std::memory_order_relaxed);
    // acquire: if one of the slots that `find` looked at, or the address, is of a later batch, the
    // tail is seen that had left this one behind.
    sync::fence(std::memory_order_acquire);
    const std::int64_t ahead = ahead_of(word, cursor_);
    const auto before = static_cast<std::size_t>(-ahead);
    if (ahead > 0 || before >= count_of(word)) return ReadStatus::Lagged;
    // If the address is of a later batch, what is copied from there is found to be evicted.
    // The words of a pair are integers. NOLINTNEXTLINE(performance-no-int-to-ptr)
    words_ = reinterpret_cast<const AtomicWord*>(address) + before * kWords;
    left_ = count_of(word) - before;
    batch_ = batch + 1;
    return ReadStatus::Ready;
  }

  /// The number of the batch that has the message at the cursor, which is before `tail`; of any
  /// batch if it is evicted.
  [[nodiscard]] Batch find(const Tail& tail) const noexcept {
    // Each batch has a message at least.
    Batch first = tail.batch - std::min(tail.batch, tail.end() - cursor_);
    Batch behind = tail.batch;
    while (behind - first > 1) {
      const Batch middle = first + (behind - first) / 2;
      // relaxed: what is before the tail is seen, or what came instead.
      const std::uint64_t word = ring_->slot(middle).first(std::memory_order_relaxed);
      (ahead_of(word, cursor_) <= 0 ? first : behind) = middle;
    }
    return first;
  }

  BatchRing* ring_ = nullptr;
  Sequence cursor_ = 0;
  // The rest of the batch that the cursor is in, if any.
  const AtomicWord* words_ = nullptr;
  std::size_t left_ = 0;
  Batch batch_ = kUnknown;  ///< the one behind it
};

}  // namespace ron::kernel
