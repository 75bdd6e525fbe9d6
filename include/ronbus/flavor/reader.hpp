// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The cursor of a subscriber in whichever ring its bus has. It passes over what the subscriber does
// not want, shows in the subscriber's record where it stands, and measures if its bus does.
//
// One byte, `route_`, chooses the way at the begin of each read: what is special about a subscriber
// costs the others nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "ronbus/base/exceptions.hpp"
#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/filter.hpp"
#include "ronbus/flavor/subscription.hpp"
#include "ronbus/kernel/sequence.hpp"

namespace ron::flavor {

/// One thread at a time. The bus state must outlive it.
template <Message T>
class Reader {
  using ReadStatus = kernel::ReadStatus;
  using Sequence = kernel::Sequence;

 public:
  Reader() = default;

  /// Of one ring; it stands nowhere before `seek`. Empty if there is no memory.
  Reader(BusState<T>& state, Subscription& record, Filter<T> filter)
      : state_{&state}, record_{&record} {
    if (filter) filter_ = std::make_unique<Filter<T>>(std::move(filter));
    until_sample_ =
        kHasMetrics && state.measurements() != nullptr ? state.measurements()->sample_every() : 0;
    const bool special = filter_ != nullptr || until_sample_ != 0;
    if (special) route_ = Route::Special;
    if constexpr (kDensePossible<T>) {
      if (state.is_dense()) {
        dense_ = typename DenseRing<T>::Reader{state.dense(), 0};
        if (!special) route_ = Route::Dense;
        return;
      }
    }
    if constexpr (kBatchesPossible<T>) {
      if (state.is_in_batches()) {
        batches_ = typename BatchRing<T>::Reader{state.batches(), 0};
        if (!special) route_ = Route::Batches;
        return;
      }
    }
    shared_ = typename SharedRing<T>::Reader{state.shared(), 0};
    if (!shared_) state_ = nullptr;
  }

  [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }

  void seek(Sequence sequence) noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.seek(sequence);
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_.seek(sequence);
    }
    shared_.seek(sequence);
  }

  [[nodiscard]] Sequence cursor() const noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.cursor();
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_.cursor();
    }
    return shared_.cursor();
  }

  /// True if the ring has an answer at the cursor other than Empty. With a filter, a read may find
  /// nothing all the same.
  [[nodiscard, gnu::always_inline]] bool has_news() const noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.has_news();
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_.has_news();
    }
    return shared_.has_news();
  }

  /// Hands the next message that is wanted to `deliver`, as the readers of the rings do. Empty if
  /// none was published before the call, which may have passed over as many as the ring holds.
  template <class Deliver>
  [[nodiscard, gnu::always_inline]] ReadStatus read(Deliver&& deliver) {
    if (route_ == Route::Shared) [[likely]] {
      const ReadStatus status = shared_.read(std::forward<Deliver>(deliver));
      if (status == ReadStatus::Ready) [[likely]]
        record_->show(shared_.cursor());
      return status;
    }
    if constexpr (kDensePossible<T>) {
      if (route_ == Route::Dense) {
        const ReadStatus status = dense_.read(std::forward<Deliver>(deliver));
        if (status == ReadStatus::Ready) [[likely]]
          record_->show(dense_.cursor());
        return status;
      }
    }
    if constexpr (kBatchesPossible<T>) {
      if (route_ == Route::Batches) {
        const ReadStatus status = batches_.read(std::forward<Deliver>(deliver));
        if (status == ReadStatus::Ready) [[likely]]
          record_->show(batches_.cursor());
        return status;
      }
    }
    return read_special(deliver);
  }

  /// Copies wanted messages to the front of `out`, as the readers of the rings do.
  [[nodiscard]] std::size_t read_many(std::span<T> out, ReadStatus& status) {
    if (route_ == Route::Special) [[unlikely]]
      return read_many_special(out, status);
    const std::size_t count = read_batch(out, status);
    if (count > 0) record_->show(cursor());
    return count;
  }

  /// Puts the next wanted message into `keeper`, a Borrowed.
  template <class Keeper>
  [[nodiscard]] ReadStatus keep(Keeper& keeper) {
    if (route_ == Route::Special) [[unlikely]]
      return keep_special(keeper);
    const ReadStatus status = keep_next(keeper);
    if (status == ReadStatus::Ready) record_->show(cursor());
    return status;
  }

  /// After Lagged: moves to the oldest retained message and returns how many were missed.
  [[nodiscard]] std::uint64_t skip_to_oldest() noexcept {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.skip_to_oldest();
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_.skip_to_oldest();
    }
    return shared_.skip_to_oldest();
  }

  /// True if a read may find nothing although `has_news`.
  [[nodiscard]] bool is_special() const noexcept { return route_ == Route::Special; }

  /// From now on it only answers Closed.
  void end() noexcept {
    ended_ = true;
    route_ = Route::Special;
  }
  [[nodiscard]] bool has_ended() const noexcept { return ended_; }

  /// Messages that were passed over.
  [[nodiscard]] std::uint64_t filtered() const noexcept { return filtered_; }
  /// nullptr if every message is wanted.
  [[nodiscard]] const Filter<T>* filter() const noexcept { return filter_.get(); }

 private:
  enum class Route : std::uint8_t { Shared, Dense, Batches, Special };

  template <class Deliver>
  [[nodiscard, gnu::always_inline]] ReadStatus read_next(Deliver&& deliver) {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.read(std::forward<Deliver>(deliver));
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_.read(std::forward<Deliver>(deliver));
    }
    return shared_.read(std::forward<Deliver>(deliver));
  }

  [[nodiscard]] std::size_t read_batch(std::span<T> out, ReadStatus& status) {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.read_many(out.data(), out.size(), status);
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_.read_many(out.data(), out.size(), status);
    }
    return shared_.read_many(out.data(), out.size(), status);
  }

  template <class Keeper>
  [[nodiscard]] ReadStatus keep_next(Keeper& keeper) {
    if constexpr (kDensePossible<T>) {
      if (dense_) return dense_.read([&](const T& message) { keeper.keep(message); });
    }
    if constexpr (kBatchesPossible<T>) {
      if (batches_) return batches_.read([&](const T& message) { keeper.keep(message); });
    }
    return shared_.hold(keeper.hold());
  }

  /// Repeats `attempt`, which reads one message and answers whether that was wanted, until one is
  /// wanted or there is none. Looks at no more messages than were published at the first that was
  /// not wanted, and one.
  template <class Attempt>
  [[nodiscard]] ReadStatus next_wanted(const Attempt& attempt) {
    if (ended_) return ReadStatus::Closed;
    std::optional<Sequence> end;
    for (;;) {
      bool wanted = true;
      const bool last = end && cursor() >= *end;
      const ReadStatus status = attempt(wanted);
      if (status != ReadStatus::Ready || wanted) return status;
      ++filtered_;
      if (last) return ReadStatus::Empty;
      if (!end) end = state_->tail();
    }
  }

  /// Shows where the reader stands when a special read is over, also by an exception.
  struct ShowAtExit {
    Reader& reader;
    std::uint64_t filtered = reader.filtered_;
    Sequence cursor = reader.cursor();
    ~ShowAtExit() {
      if (reader.ended_ || reader.cursor() == cursor) return;
      if (reader.filtered_ != filtered) reader.record_->show_filtered(reader.filtered_);
      reader.record_->show(reader.cursor());
      if (reader.until_sample_ != 0) reader.measure(cursor);
    }
  };

  /// After the messages from `begin` on were read.
  void measure(Sequence begin) noexcept {
    const Sequence end = cursor();
    Measurements& measurements = *state_->measurements();
    measurements.received(begin, end);
    const Sequence read = end - begin;
    if (read < until_sample_) {
      until_sample_ -= static_cast<std::size_t>(read);
      return;
    }
    until_sample_ = measurements.sample_every();
    record_->show_distance(state_->tail() - begin);
  }
  [[nodiscard]] bool wants(const T& message) const {
    return filter_ == nullptr || filter_->wants(message);
  }

  /// By value, so that elsewhere `deliver` need not have an address.
  template <class Deliver>
  [[nodiscard, gnu::noinline]] ReadStatus read_special(Deliver deliver) {
    const ShowAtExit show{*this};
    return next_wanted([&](bool& wanted) {
      return read_next([&](const T& message) {
        wanted = wants(message);
        if (wanted) deliver(message);
      });
    });
  }

  /// Copies first and looks then, which takes whole batches from the ring.
  [[nodiscard, gnu::noinline]] std::size_t read_many_special(std::span<T> out, ReadStatus& status) {
    // If a copy throws, or the predicate, the batch begins anew.
    struct Rewind {
      Reader* reader;
      Sequence cursor = reader->cursor();
      std::uint64_t filtered = reader->filtered_;
      ~Rewind() {
        if (reader == nullptr) return;
        reader->seek(cursor);
        reader->filtered_ = filtered;
      }
    };
    status = ReadStatus::Closed;
    if (ended_) return 0;
    const ShowAtExit show{*this};
    Rewind rewind{this};
    const Sequence end = state_->tail();
    std::size_t done = 0;
    for (bool last = false; !last && done < out.size();) {
      last = cursor() >= end;
      const std::size_t count = read_batch(out.subspan(done), status);
      for (std::size_t i = done, behind = done + count; i < behind; ++i) {
        if (!wants(out[i])) {
          ++filtered_;
        } else if (done != i) {
          out[done++] = std::move(out[i]);
        } else {
          ++done;
        }
      }
      if (status != ReadStatus::Ready) break;
      status = ReadStatus::Empty;  // unless there is more
    }
    rewind.reader = nullptr;
    return done;
  }

  template <class Keeper>
  [[nodiscard, gnu::noinline]] ReadStatus keep_special(Keeper& keeper) {
    const ShowAtExit show{*this};
    return next_wanted([&](bool& wanted) {
      const Sequence at = cursor();
      const ReadStatus status = keep_next(keeper);
      if (status == ReadStatus::Ready) {
        base::or_undo([&] { wanted = wants(*keeper); }, [&] { seek(at); });
      }
      return status;
    });
  }

  BusState<T>* state_ = nullptr;
  Subscription* record_ = nullptr;
  std::unique_ptr<Filter<T>> filter_;
  std::uint64_t filtered_ = 0;
  std::size_t until_sample_ = 0;  ///< messages until it measures where it stands; 0 if never
  Route route_ = Route::Shared;
  bool ended_ = false;
  // At most one of them is in use.
  typename DenseRing<T>::Reader dense_;
  typename BatchRing<T>::Reader batches_;
  typename SharedRing<T>::Reader shared_;
};

}  // namespace ron::flavor
