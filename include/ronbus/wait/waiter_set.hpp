// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Who waits for messages of one bus: threads that sleep, and asynchronous waiters (coroutines, file
// descriptors, ...), which are woken by a function of their own. Waking costs a publisher the same
// however many wait: it wakes a few, and each of them wakes a few more.
//
//   waiter     (S1) word = waiting, with a new ticket   (S2) armed |= bit; raise kSleepers; barrier
//              (S3) condition?   (S4) sleep while the word is unchanged, or return to the executor
//   notifier   (N1) publish   (N2) light fence, look at the flags; if kSleepers is raised:
//              (N3) note the attention word   (N4) due |= armed, in every lane   (N5) fire some of
//              the due, and clear their bits after that   (N6) if no armed bit is left, lower
//              kSleepers unless the attention word has changed since N3
//   woken      (W1) word = idle   (W2) clear its own bits   (W3) if it was fired: fire some of the
//              due, as in N5   (W4) condition?
//
// Nobody sleeps through a message: either S3 sees what N1 did, or N2 sees the flag raised by S2.
// Who is armed before N4 looks is fired by N5 or left due. Who is due is fired by another who was
// fired: each marks (N4) before it fires and looks for marks (W3) after it was fired, all
// sequentially consistent. Who arms after N4 has looked raises kSleepers after N3, so that N6
// leaves it.
//
// Nobody halted stops anybody: bits are cleared after firing and the flag is lowered last, so that
// whoever comes next (another notifier; for the due also another woken one) does again what a
// halted one may have left undone. A fire therefore may come twice. At least two are fired at a
// time, and one of them goes on. Each begins behind its own place: nobody is passed over for ever,
// however quickly others arm again. Asynchronous waiters have an account of their own, because an
// executor that does not run must not keep threads asleep.
//
// Bits that belong to a newer ticket are never cleared by those who fired an older one: arming
// counts up in the lane, and they clear by a compare-and-swap of the lane as it was before they saw
// the old ticket still in the word.
//
//   lane     63                 32 31             16 15              0
//            +--------------------+-----------------+-----------------+
//            |    times armed     |       due       |      armed      |   of 16 waiters
//            +--------------------+-----------------+-----------------+
//   word     31                                              2 1      0
//            +------------------------------------------------+--------+
//            |                    ticket                      | state  |   idle, waiting, fired,
//            +------------------------------------------------+--------+   notified
//
// Somebody would have to be halted between two instructions while others arm exactly a multiple of
// 2^32 times in the lane to be mistaken about it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/attention.hpp"
#include "ronbus/sync/cache_line.hpp"
#include "ronbus/wait/futex.hpp"

namespace ron::wait {

/// A set of up to 64 topics: those a message is about, or those a waiter wants to be woken for.
using Interest = std::uint64_t;
inline constexpr Interest kEverything = ~Interest{0};

/// Names one arming of a waiter.
using Ticket = std::uint32_t;

/// How an asynchronous waiter is woken. Fixed while the waiter is claimed.
struct Hook {
  /// Called by whoever wakes, in the middle of a publish: must not block, must not resume anybody
  /// in place, and must not touch the waiter set. It may be called more than once for a ticket, by
  /// several threads, and for a ticket that has ended. False if it failed: the next notifier tries
  /// again.
  bool (*fire)(void* context, Ticket ticket) noexcept = nullptr;
  /// Called once, when the waiter was released and nobody is in the middle of `fire`.
  void (*drop)(void* context) noexcept = nullptr;
  void* context = nullptr;
};

/// Who waits, perhaps by several waiters, one of each kind. Outlives the armings of all of them.
struct Owner {
  sync::Atomic<std::uint64_t> id{0};  ///< as it is told to people
  /// Armings that ended after somebody fired them.
  sync::Atomic<std::uint64_t> wakeups{0};

  /// By who ends an arming, one at a time.
  void woken() noexcept {
    // release: goes on what the last user of the record left, for those who read it from outside.
    wakeups.store(wakeups.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
};

/// A place in a WaiterSet. It lives as long as the set; one owner at a time.
class alignas(sync::kCacheLine) Waiter {
 public:
  Waiter() noexcept = default;

  /// For the owner.
  [[nodiscard]] std::uint64_t owner_id() const noexcept {
    return owner_->id.load(std::memory_order_relaxed);  // relaxed: it is its own
  }

 private:
  friend class WaiterSet;
  struct Count;
  struct Places;
  struct Block;

  sync::Atomic<std::uint32_t> word_{0};
  std::uint32_t place_ = 0;  ///< in its block; constant, as the block
  Block* block_ = nullptr;
  // What follows is written by the claimant before `holders_`, and constant while that is not 0.
  sync::Atomic<std::uint32_t> holders_{0};  ///< the owner, and who is in the middle of `fire`
  Hook hook_;
  Owner* owner_ = nullptr;  ///< for who ends an arming
};

class WaiterSet {
 public:
  /// How many threads, and how many asynchronous waiters, one notifier or one woken fires. With 2,
  /// 4 and 8 a publish used 7, 15 and 16 us of its processor beside 16 sleepers, and 29, 38 and 40
  /// beside 1024 (scripts/bench wake --filter _asleep, medians of three runs). With 2, one that is
  /// halted leaves a chain where there was a tree.
  static constexpr std::uint32_t kWakesPerNotify = sync::kModelCheck ? 1 : 4;
  static_assert(sync::kModelCheck || kWakesPerNotify >= 2,
                "if one woken is halted another goes on");

  /// `attention` is the word that notifiers look at; it must outlive this object.
  explicit WaiterSet(sync::Attention& attention) noexcept : attention_{attention} {}
  WaiterSet(const WaiterSet&) = delete;
  WaiterSet& operator=(const WaiterSet&) = delete;
  ~WaiterSet();

  // For the owner of a waiter. One thread at a time, except `wake`.

  /// A waiter for a thread that sleeps by `doze`; with a `hook`, one that is woken by it. nullptr
  /// if there is no memory; the context is not dropped then. Allocates once for 64, then 1024.
  [[nodiscard]] Waiter* claim(Owner& owner, const Hook& hook = {}) noexcept;
  /// Ends the current arming, if any, and gives the waiter back.
  void release(Waiter& waiter) noexcept;

  /// Only messages about one of these topics wake it. While it is not armed.
  void set_interest(Waiter& waiter, Interest interest) noexcept;

  /// From here on a notifier wakes it (S1, S2). The caller then looks at its condition and either
  /// ends the arming at once or leaves it to those who wake. It must not be armed already.
  [[nodiscard]] Ticket arm(Waiter& waiter) noexcept;

  /// Ends the arming (W1 to W3). True once for each ticket, be it that what was waited for is there
  /// or that the owner gives up.
  bool end(Waiter& waiter, Ticket ticket) noexcept;

  /// Sleeps until the arming was fired or the deadline has passed (S4). May return without cause.
  static void doze(const Waiter& waiter, Ticket ticket, const Deadline& deadline) noexcept;

  /// Wakes this waiter if it is armed, whatever for. From any thread.
  static void wake(Waiter& waiter) noexcept;

  // For notifiers; from any thread. Only needed if kSleepers is raised.

  /// After a message about `interest` was published (N3 to N6).
  void notify(Interest interest = kEverything) noexcept;

  /// Wakes every waiter, whatever it is interested in.
  void notify_all() noexcept;

  // For everybody.

  [[nodiscard]] const sync::Attention& attention() const noexcept { return attention_; }
  /// Of armings that have ended: each is counted when it does, so that notifiers need not.
  struct Counts {
    std::uint64_t notifications = 0;  ///< those that `notify` fired before all others
    std::uint64_t wakeups = 0;        ///< those that anybody fired
  };
  /// Looks at all places.
  [[nodiscard]] Counts counts() const noexcept;

 private:
  using Block = Waiter::Block;
  using Lane = sync::Atomic<std::uint64_t>;
  struct Row;
  template <std::size_t kBlocks>
  struct RowOf;
  enum class Fired : std::uint8_t;
  struct Budget;
  struct Marked;

  [[nodiscard]] Block* first() const noexcept;
  [[nodiscard]] static Waiter* claim_in(Block& block, Owner& owner, const Hook& hook) noexcept;
  [[nodiscard]] bool add_row() noexcept;

  [[nodiscard]] bool sweep(Interest interest) noexcept;
  [[nodiscard]] Marked mark(Interest interest) noexcept;
  [[nodiscard]] bool is_any_due() const noexcept;
  [[nodiscard]] bool fire_due(const Waiter& behind, Budget& budget) noexcept;
  [[nodiscard]] static bool fire_some(Block& block, std::uint32_t lane, std::uint32_t due,
                                      Budget& budget) noexcept;

  static Fired fire(Waiter& waiter, std::uint32_t word, std::uint32_t state) noexcept;
  static Fired fire_and_clear(Waiter& waiter, std::uint64_t bits, std::uint32_t state) noexcept;
  static void clear(Waiter& waiter, Ticket ticket) noexcept;
  static bool pin(Waiter& waiter) noexcept;
  static void unpin(Waiter& waiter) noexcept;

  sync::Attention& attention_;
  sync::Atomic<Block*> blocks_{nullptr};
  sync::Atomic<Row*> rows_{nullptr};
};

}  // namespace ron::wait
