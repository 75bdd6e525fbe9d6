// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A receive that waits without a thread: a suspended coroutine, or an operation of an event loop.
// Whoever wakes it hands a Wakeup to the executor of the one who waits; running the Wakeup there
// lets it go on.
//
//   waiter     (S1) Arming, with a new turn   (S2) armed in the waiter set   (S3) condition?
//              (S4) Arming -> Waiting: from here on it may go on in another thread at any moment
//   waker      (F1) Arming -> Fired, or if Waiting: post a Wakeup with the turn
//   wake-up    (R1) Waiting -> Idle, if the turn is still its own   (R2) disarmed, hands on
//              (R3) condition? Goes on, or from S1
//
// Nobody goes on before S4, so S3 may look at the subscriber in peace; a waker that comes before S4
// makes S4 fail. Several wakers may post for one turn: the first Wakeup wins R1, the others do
// nothing. So do those of a wait that was given up (Waiting -> Idle); they own a share of the
// memory that they look at.
//
//   state    63                                              2 1      0
//            +------------------------------------------------+--------+
//            |                      turn                      | phase  |   idle, arming, fired,
//            +------------------------------------------------+--------+   waiting
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/probe.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron {

namespace wait {
class Suspension;
}

/// Lets one suspended receive go on. Given to an Executor, which is to run it once, on whatever
/// thread is its own. Two words, move-only, safe to keep for as long as one likes: if the wait has
/// ended meanwhile (the coroutine was destroyed, the subscriber or the bus is gone), running it
/// does nothing. Destroying it without running it drops it and leaks nothing.
class [[nodiscard]] Wakeup {
 public:
  Wakeup(Wakeup&& other) noexcept
      : suspension_{std::exchange(other.suspension_, nullptr)}, turn_{other.turn_} {}
  Wakeup& operator=(Wakeup&& other) noexcept {
    std::swap(suspension_, other.suspension_);
    std::swap(turn_, other.turn_);
    return *this;
  }
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  ~Wakeup() {
    if (suspension_ != nullptr) drop();
  }

  /// Goes on with the receive, and returns when the coroutine suspends again or the completion
  /// handler has returned. Throws what these let out.
  void operator()();

 private:
  friend class wait::Suspension;
  Wakeup(wait::Suspension& suspension, std::uint64_t turn) noexcept
      : suspension_{&suspension}, turn_{turn} {}

  void drop() noexcept;

  wait::Suspension* suspension_;
  std::uint64_t turn_;
};

namespace wait {

/// Where Wakeups go. Called by whoever publishes, from any thread, also from several at once.
class PostTarget {
 public:
  PostTarget() = default;
  PostTarget(const PostTarget&) = delete;
  PostTarget& operator=(const PostTarget&) = delete;
  virtual ~PostTarget() = default;

  /// Must not block and must not run the Wakeup in place. If it throws it has refused the Wakeup.
  virtual void post(Wakeup wakeup) = 0;
};

/// Who is suspended.
class Suspended {
 public:
  /// The wait may be over. Called on the executor, by one thread at a time.
  virtual void wake() = 0;
  /// What it waits for is being destroyed. It is woken next.
  virtual void forsake() noexcept = 0;

 protected:
  ~Suspended() = default;
};

/// Where one who waits and those who wake it meet. Reference-counted: the subscriber, the waiter
/// set, each Wakeup, and whoever else wants to look at it own a share.
class Suspension {
 public:
  /// Counts the times something began; never repeats.
  using Turn = std::uint64_t;

  /// A suspension of `owner` that waits in `set` for messages about `interest`; the caller owns a
  /// share, and the set another until detach().
  [[nodiscard]] static Suspension& attach(WaiterSet& set, Owner& owner, Interest interest,
                                          std::shared_ptr<PostTarget> target);
  Suspension(const Suspension&) = delete;
  Suspension& operator=(const Suspension&) = delete;

  void retain() noexcept { shares_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    // acq_rel: whoever deletes it comes after all who used it.
    if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  [[nodiscard]] const std::shared_ptr<PostTarget>& target() const noexcept { return target_; }

  // For the one who waits.

  /// S1 to S4. True if `who` is suspended; it may have been woken and be gone by then. False if
  /// `ready()` is true.
  template <class ReadyFn>
  [[nodiscard]] bool suspend(Suspended& who, const ReadyFn& ready) {
    who_ = &who;
    for (;;) {
      // relaxed: seen by those who see it armed.
      state_.store(next(Arming), std::memory_order_relaxed);
      ticket_ = set_.arm(*waiter_);
      const bool is_ready = ready();
      RONBUS_PROBE(park, set_.attention(), waiter_->owner_id(), !is_ready);
      // release: all that was done so far comes before going on; pairs with the acquire in run().
      State arming = turn() | Arming;
      if (!is_ready && state_.compare_exchange(arming, turn() | Waiting, std::memory_order_release,
                                               std::memory_order_relaxed)) {
        return true;
      }
      end();
      if (is_ready || ready()) return false;
    }
  }

  /// Goes on by way of the executor, without waiting. Throws what the executor throws; nothing has
  /// begun then.
  void yield(Suspended& who);

  /// What was begun has ended, whatever has become of it; Wakeups on their way find nothing to do.
  /// Called by each wake(), and by who gives up waiting. Hands on.
  void end() noexcept;

  /// Leaves the waiter set, before what it waits for goes away; who is suspended is forsaken. Gives
  /// up the caller's share.
  void detach() noexcept;

  // Cancelling, for those whose way to ask for it may outlast the wait.

  /// The name of what begins next.
  [[nodiscard]] Turn next_turn() const noexcept { return turn() + kTurn; }
  /// Wakes what began at `since`, to be cancelled; nothing that began later. From any thread.
  void cancel(Turn since) noexcept;
  [[nodiscard]] bool is_cancelled(Turn since) const noexcept {
    return cancelled_.load(std::memory_order_acquire) >= since;
  }

  // For those who wake, from any thread.

  /// After something else than a message has made the condition true.
  void interrupt() noexcept;

  /// F1. False if the executor has refused the Wakeup.
  bool fire() noexcept;

 private:
  friend class ron::Wakeup;

  using State = std::uint64_t;
  enum Phase : State { Idle, Arming, Fired, Waiting };
  static constexpr State kPhase = 3;
  static constexpr Turn kTurn = 4;

  Suspension(WaiterSet& set, std::shared_ptr<PostTarget> target) noexcept
      : set_{set}, target_{std::move(target)} {}
  ~Suspension() = default;

  [[nodiscard]] static Phase phase(State state) noexcept {
    return static_cast<Phase>(state & kPhase);
  }
  [[nodiscard]] static Turn turn_of(State state) noexcept { return state & ~kPhase; }
  // relaxed: only the one who waits begins a turn.
  [[nodiscard]] Turn turn() const noexcept {
    return turn_of(state_.load(std::memory_order_relaxed));
  }
  [[nodiscard]] State next(Phase phase) const noexcept { return turn() + kTurn + phase; }

  void post(State state);

  /// R1; then lets it go on.
  void run(Turn turn);

  sync::Atomic<State> state_{Idle};
  sync::Atomic<Turn> cancelled_{0};
  sync::Atomic<std::uint32_t> shares_{1};
  Ticket ticket_ = 0;
  WaiterSet& set_;            ///< only as long as there is a waiter
  Waiter* waiter_ = nullptr;  ///< for the one who waits
  Suspended* who_ = nullptr;
  const std::shared_ptr<PostTarget> target_;
};

}  // namespace wait
}  // namespace ron
