// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The batched flavor of publishing: messages given one by one are staged and go to the ring
// together, with one look at sleepers for all of them.
//
//     publish ──> | m | m | m |   |   | ──(full, flush(), the outlet goes)──> ring
//                  first       place   end
//
// Invariants. Between two calls `place` lies before `end`, so at most `end - first - 1` messages
// are staged. They leave in the order they came in, all of them, before anything that is published
// through this outlet in another way. Nobody but its thread knows of them: a closer neither waits
// for them nor takes them along, so what is staged by then is refused, and counted, by the next
// call. Handing over cannot fail halfway, because user code runs only when a message is staged:
// what is staged is either trivially copyable or in the node already that the ring will take.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <new>
#include <thread>
#include <type_traits>
#include <utility>

#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/classic.hpp"

namespace ron::flavor {

/// The staging end of one handle. One thread at a time.
template <Message T>
class BatchedOutlet final : public Detour<T> {
  static constexpr bool kByWords = kernel::WordCopyable<T>;
  using Staged = std::conditional_t<kByWords, T, typename SharedRing<T>::Prepared>;

 public:
  /// Stages what `through` is going to publish. nullptr if there is no memory.
  [[nodiscard]] static std::unique_ptr<BatchedOutlet> make(ClassicOutlet<T> through,
                                                           const EffectiveConfig& config) noexcept {
    const std::size_t most = config.tls_flush_threshold.value;
    Storage storage{
        static_cast<Staged*>(::operator new(most * sizeof(Staged), kAlignment, std::nothrow))};
    if (storage == nullptr) return nullptr;
    return std::unique_ptr<BatchedOutlet>{
        new (std::nothrow) BatchedOutlet{std::move(through), std::move(storage), most, config}};
  }

  BatchedOutlet(const BatchedOutlet&) = delete;
  BatchedOutlet& operator=(const BatchedOutlet&) = delete;
  ~BatchedOutlet() { flush_all(); }

  /// Stages a message made from `args`, and hands over all when there is no place for another.
  /// Returns the subscribers covered, 0 if any message was refused.
  template <class... Args>
  [[gnu::always_inline]] std::size_t publish(const BusState<T>& state, Args&&... args) {
    if (state.is_closing()) [[unlikely]]
      return refuse_all_and_one();
    if constexpr (kByWords) {
      T message(std::forward<Args>(args)...);
      // Looked up after that: making it may have published through this outlet.
      std::construct_at(place_, std::move(message));
    } else {
      const Staged prepared = this->outlet.prepare(std::forward<Args>(args)...);
      if (!prepared) [[unlikely]]
        return this->outlet.refuse(1);
      // Looked up after that: a destructor that ran there may have published through this outlet.
      std::construct_at(place_, prepared);
    }
    if (++place_ == end_) [[unlikely]] {
      if (flush_all() < static_cast<std::size_t>(end_ - first_.get())) return 0;
    }
    return state.subscribers();
  }

  /// Hands over what is staged. Returns how many messages became part of the order; the others are
  /// refused.
  [[gnu::noinline]] std::size_t flush_all() noexcept {
    const typename ClassicOutlet<T>::BatchSample sample{this->outlet};
    Staged* next = first_.get();
    Staged* const last = std::exchange(place_, next);
    while (next != last) {
      const auto now = std::min(static_cast<std::size_t>(last - next), until_yield_);
      if (hand_over(next, now) < now) break;
      if (burst_ == 0) continue;
      until_yield_ -= now;
      if (until_yield_ == 0) {
        until_yield_ = burst_;
        std::this_thread::yield();
      }
    }
    const auto published = static_cast<std::size_t>(next - first_.get());
    sample.end_of_publishes(published);
    if (next != last) refuse(next, last);
    return published;
  }

  [[nodiscard]] std::size_t staged() const noexcept {
    return static_cast<std::size_t>(place_ - first_.get());
  }

 private:
  static constexpr std::align_val_t kAlignment{alignof(Staged)};
  struct Free {
    void operator()(Staged* storage) const noexcept { ::operator delete(storage, kAlignment); }
  };
  using Storage = std::unique_ptr<Staged[], Free>;

  BatchedOutlet(ClassicOutlet<T> through, Storage storage, std::size_t most,
                const EffectiveConfig& config) noexcept
      : Detour<T>{std::move(through), &flush_before},
        place_{storage.get()},
        end_{place_ + most},
        first_{std::move(storage)},
        burst_{config.epoch_yield.value ? config.burst.value : 0},
        until_yield_{burst_ > 0 ? burst_ : most} {}

  static void flush_before(Detour<T>& self) noexcept {
    static_cast<BatchedOutlet&>(self).flush_all();
  }

  /// Publishes `count` messages from `next` on and advances it past those that are part of the
  /// order, whose number it returns.
  std::size_t hand_over(Staged*& next, std::size_t count) noexcept {
    if constexpr (kByWords) {
      std::move_iterator from{next};
      const std::size_t accepted = this->outlet.publish_some(from, count);
      next += accepted;
      return accepted;
    } else {
      return this->outlet.publish_prepared(next, count);
    }
  }
  void refuse(Staged* next, Staged* last) noexcept {
    this->outlet.refuse(static_cast<std::size_t>(last - next));
    if constexpr (!kByWords) {
      for (; next != last; ++next) this->outlet.abandon(*next);
    }
  }
  [[gnu::noinline]] std::size_t refuse_all_and_one() noexcept {
    flush_all();
    return this->outlet.refuse(1);
  }

  Staged* place_;  ///< of the next message; what lies before it is staged
  Staged* const end_;
  const Storage first_;
  const std::size_t burst_;  ///< messages after which to yield, 0 for never
  std::size_t until_yield_;
};

}  // namespace ron::flavor
