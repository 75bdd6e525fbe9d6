// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/wait/waiter_set.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <new>
#include <utility>

#include "ronbus/sync/probe.hpp"

namespace ron::wait {
namespace {

constexpr std::uint32_t kLaneWidth = sync::kModelCheck ? 1 : 16;
constexpr std::uint32_t kLanes = sync::kModelCheck ? 2 : 4;
constexpr std::uint32_t kPlaces = kLanes * kLaneWidth;

// A lane.
using Bits = std::uint32_t;  ///< one for each waiter of a lane
constexpr Bits kAll = (Bits{1} << kLaneWidth) - 1;
constexpr std::uint64_t kArming = std::uint64_t{1} << (2 * kLaneWidth);
constexpr Bits armed_of(std::uint64_t lane) noexcept { return static_cast<Bits>(lane) & kAll; }
constexpr Bits due_of(std::uint64_t lane) noexcept {
  return static_cast<Bits>(lane >> kLaneWidth) & kAll;
}
constexpr std::uint64_t as_due(Bits bits) noexcept { return std::uint64_t{bits} << kLaneWidth; }
constexpr std::uint64_t as_both(Bits bits) noexcept { return as_due(bits) | bits; }

// A word.
constexpr std::uint32_t kIdle = 0;
constexpr std::uint32_t kWaiting = 1;
constexpr std::uint32_t kFired = 2;
constexpr std::uint32_t kNotified = 3;  ///< fired, by a notifier and before all others
constexpr std::uint32_t kState = 3;
constexpr std::uint32_t kTicket = 4;
constexpr std::uint32_t state_of(std::uint32_t word) noexcept { return word & kState; }
constexpr Ticket ticket_of(std::uint32_t word) noexcept { return word & ~kState; }
constexpr bool is_fired(std::uint32_t word) noexcept { return state_of(word) >= kFired; }

}  // namespace

/// How often a waiter was woken, by whomever it was owned. relaxed everywhere: each number stands
/// for itself.
struct Waiter::Count {
  /// By who ends an arming, one at a time.
  void add(bool is_notified) noexcept {
    wakeups.store(wakeups.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (!is_notified) return;
    notifications.store(notifications.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  }

  sync::Atomic<std::uint64_t> wakeups{0};
  sync::Atomic<std::uint64_t> notifications{0};
};

/// 64 waiters.
struct Waiter::Places {
  std::array<sync::Atomic<Interest>, kPlaces> interests;
  std::array<Count, kPlaces> counts;
  std::array<Waiter, kPlaces> waiters;
};

static_assert(sizeof(Waiter) == sync::kCacheLine || sync::kModelCheck);

/// The lanes that say who of 64 waiters is armed. They share a line, so that a notifier touches one
/// line for 64 waiters.
struct alignas(sync::kCacheLine) Waiter::Block {
  [[nodiscard]] sync::Atomic<std::uint64_t>& lane_of(const Waiter& waiter) noexcept {
    return lanes[waiter.place_ / kLaneWidth];
  }
  [[nodiscard]] static Bits bit_of(const Waiter& waiter) noexcept {
    return Bits{1} << (waiter.place_ % kLaneWidth);
  }
  [[nodiscard]] Waiter& waiter_at(std::uint32_t lane, Bits bits) const noexcept {
    return places->waiters[lane * kLaneWidth + static_cast<std::uint32_t>(std::countr_zero(bits))];
  }
  [[nodiscard]] bool is_hooked(const Waiter& waiter) const noexcept {
    return (hooked_of(waiter.place_ / kLaneWidth) & bit_of(waiter)) != 0;
  }
  /// Which of a lane are asynchronous.
  [[nodiscard]] Bits hooked_of(std::uint32_t lane) const noexcept {
    // relaxed: who sees a waiter armed sees what it was claimed as.
    return static_cast<Bits>(hooked.load(std::memory_order_relaxed) >> (lane * kLaneWidth)) & kAll;
  }
  /// Which of those in `bits` of a lane are interested.
  [[nodiscard]] Bits meeting(std::uint32_t lane, Bits bits, Interest interest) const noexcept {
    if (interest == kEverything) return bits;
    Bits met = 0;
    for (Bits rest = bits; rest != 0; rest &= rest - 1) {
      const auto at = static_cast<std::uint32_t>(std::countr_zero(rest));
      // relaxed: who sees a waiter armed sees its interest.
      const Interest own =
          places->interests[lane * kLaneWidth + at].load(std::memory_order_relaxed);
      if (own == kEverything || (own & interest) != 0) met |= Bits{1} << at;
    }
    return met;
  }

  std::array<sync::Atomic<std::uint64_t>, kLanes> lanes;
  sync::Atomic<std::uint64_t> taken{0};   ///< waiters that are claimed, or not yet given back
  sync::Atomic<std::uint64_t> hooked{0};  ///< those of them with a hook
  // Written before the block is visible, then constant.
  Block* next = nullptr;
  Places* places = nullptr;
};

/// Blocks that were made together. Their lines lie side by side: a sweep over all of them, which
/// other work has displaced from the caches since the last one, reads on rather than here and
/// there.
struct WaiterSet::Row {
  Row() noexcept = default;
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  virtual ~Row() = default;

  Block* first = nullptr;
  Block* last = nullptr;
  Row* next = nullptr;
};

template <std::size_t kBlocks>
struct WaiterSet::RowOf final : Row {
  RowOf() noexcept {
    for (std::size_t i = 0; i < kBlocks; ++i) {
      blocks[i].places = &places[i];
      if (i > 0) blocks[i - 1].next = &blocks[i];
      for (std::uint32_t place = 0; place < kPlaces; ++place) {
        places[i].waiters[place].place_ = place;
        places[i].waiters[place].block_ = &blocks[i];
      }
    }
    first = &blocks.front();
    last = &blocks.back();
  }

  std::array<Block, kBlocks> blocks;
  std::array<Waiter::Places, kBlocks> places;
};

/// What came of firing a waiter.
enum class WaiterSet::Fired : std::uint8_t {
  Woken,    ///< it will go on waking
  Idle,     ///< it was not waiting
  Refused,  ///< its hook could not wake it: it stays armed and due
};

/// How many may still be fired.
struct WaiterSet::Budget {
  std::uint32_t threads = kWakesPerNotify;
  std::uint32_t hooks = kWakesPerNotify;

  static constexpr std::uint32_t kUnlimited = std::numeric_limits<std::uint32_t>::max();

  /// Those of `bits` that may be fired.
  [[nodiscard]] Bits allow(Bits bits, Bits hooked) const noexcept {
    return (threads > 0 ? bits & ~hooked : 0) | (hooks > 0 ? bits & hooked : 0);
  }
  void spend(bool hooked) noexcept { --(hooked ? hooks : threads); }
};

/// What N4 has found.
struct WaiterSet::Marked {
  Waiter* first = nullptr;  ///< a waiter that is not marked: the caller fires it before all others
  bool any = false;         ///< others are marked
  bool others = false;      ///< some stay armed, for they are not interested
};

WaiterSet::~WaiterSet() {
  for (Row* row = rows_.load(std::memory_order_relaxed); row != nullptr;) {
    delete std::exchange(row, row->next);
  }
}

WaiterSet::Block* WaiterSet::first() const noexcept {
  // seq_cst: pairs with the push. A waiter in a block that is not seen here arms, and raises
  // kSleepers, after N3.
  return blocks_.load(std::memory_order_seq_cst);
}

WaiterSet::Counts WaiterSet::counts() const noexcept {
  Counts counts;
  for (const Block* block = first(); block != nullptr; block = block->next) {
    for (const Waiter::Count& count : block->places->counts) {
      counts.notifications += count.notifications.load(std::memory_order_relaxed);
      counts.wakeups += count.wakeups.load(std::memory_order_relaxed);
    }
  }
  return counts;
}

// Coming and going.

Waiter* WaiterSet::claim(Owner& owner, const Hook& hook) noexcept {
  do {
    for (Block* block = first(); block != nullptr; block = block->next) {
      if (Waiter* waiter = claim_in(*block, owner, hook)) return waiter;
    }
  } while (add_row());
  return nullptr;
}

Waiter* WaiterSet::claim_in(Block& block, Owner& owner, const Hook& hook) noexcept {
  std::uint64_t taken = block.taken.load(std::memory_order_relaxed);
  for (;;) {
    if (~taken == 0) return nullptr;
    const auto place = static_cast<std::uint32_t>(std::countr_one(taken));
    const std::uint64_t bit = std::uint64_t{1} << place;
    // acquire: pairs with the release in unpin(); goes on where the predecessor stopped.
    if (!block.taken.compare_exchange(taken, taken | bit, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
      continue;
    }
    Waiter& waiter = block.places->waiters[place];
    waiter.hook_ = hook;
    waiter.owner_ = &owner;
    if (hook.fire != nullptr) block.hooked.fetch_or(bit, std::memory_order_relaxed);
    block.places->interests[place].store(kEverything, std::memory_order_relaxed);
    // release: pairs with pin().
    waiter.holders_.store(1, std::memory_order_release);
    return &waiter;
  }
}

bool WaiterSet::add_row() noexcept {
  constexpr std::size_t kFurtherBlocks = 16;
  Row* row = nullptr;
  if (first() == nullptr) {
    row = new (std::nothrow) RowOf<1>;
  } else {
    row = new (std::nothrow) RowOf<kFurtherBlocks>;
  }
  if (row == nullptr) return false;
  row->next = rows_.load(std::memory_order_relaxed);
  // relaxed: for the destructor.
  while (!rows_.compare_exchange(row->next, row, std::memory_order_relaxed,
                                 std::memory_order_relaxed)) {
  }
  Block* head = blocks_.load(std::memory_order_relaxed);
  do {
    row->last->next = head;
  } while (!blocks_.compare_exchange(head, row->first, std::memory_order_seq_cst,
                                     std::memory_order_relaxed));
  return true;
}

void WaiterSet::release(Waiter& waiter) noexcept {
  end(waiter, ticket_of(waiter.word_.load(std::memory_order_relaxed)));
  unpin(waiter);
}

bool WaiterSet::pin(Waiter& waiter) noexcept {
  std::uint32_t holders = waiter.holders_.load(std::memory_order_relaxed);
  do {
    if (holders == 0) return false;
    // acquire: pairs with the release in claim_in(); the hook is that of the claimant.
  } while (!waiter.holders_.compare_exchange(holders, holders + 1, std::memory_order_acquire,
                                             std::memory_order_relaxed));
  return true;
}

void WaiterSet::unpin(Waiter& waiter) noexcept {
  // acq_rel: the last one drops the context after all others are done with it.
  if (waiter.holders_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const Hook hook = std::exchange(waiter.hook_, {});
  const std::uint64_t bit = std::uint64_t{1} << waiter.place_;
  waiter.block_->hooked.fetch_and(~bit, std::memory_order_relaxed);
  waiter.block_->taken.fetch_and(~bit, std::memory_order_release);
  if (hook.drop != nullptr) hook.drop(hook.context);
}

void WaiterSet::set_interest(Waiter& waiter, Interest interest) noexcept {
  waiter.block_->places->interests[waiter.place_].store(interest, std::memory_order_relaxed);
}

// Waiting.

Ticket WaiterSet::arm(Waiter& waiter) noexcept {
  // Nobody else writes an idle word. relaxed: published by the arming that follows.
  const Ticket ticket = ticket_of(waiter.word_.load(std::memory_order_relaxed)) + kTicket;
  waiter.word_.store(ticket | kWaiting, std::memory_order_relaxed);
  // Both bits are clear, and stay so until this addition: marks are made where armed bits are.
  waiter.block_->lane_of(waiter).fetch_add(kArming + Block::bit_of(waiter),
                                           std::memory_order_seq_cst);
  attention_.raise(sync::Attention::kSleepers);
  attention_.barrier();
  return ticket;
}

bool WaiterSet::end(Waiter& waiter, Ticket ticket) noexcept {
  // seq_cst: whoever saw the word before this, and counts on the owner to go on waking, has marked
  // before; those marks are seen below.
  std::uint32_t word = waiter.word_.load(std::memory_order_relaxed);
  do {
    if (ticket_of(word) != ticket || state_of(word) == kIdle) return false;
  } while (!waiter.word_.compare_exchange(word, ticket | kIdle, std::memory_order_seq_cst,
                                          std::memory_order_relaxed));
  Lane& lane = waiter.block_->lane_of(waiter);
  const std::uint64_t bits = as_both(Block::bit_of(waiter));
  if ((lane.load(std::memory_order_relaxed) & bits) != 0) {
    lane.fetch_and(~bits, std::memory_order_seq_cst);
  }
  if (is_fired(word)) {
    waiter.owner_->woken();
    RONBUS_PROBE(wake, attention_, waiter.owner_id());
    waiter.block_->places->counts[waiter.place_].add(state_of(word) == kNotified);
    if (is_any_due()) {
      Budget budget;
      static_cast<void>(fire_due(waiter, budget));
    }
  }
  return true;
}

void WaiterSet::doze(const Waiter& waiter, Ticket ticket, const Deadline& deadline) noexcept {
  sync::step();
  futex_wait(waiter.word_.word(), ticket | kWaiting, deadline);
}

void WaiterSet::wake(Waiter& waiter) noexcept {
  // Pairs with the barrier of arm(): what the caller did before is seen by who arms from here on.
  sync::fence(std::memory_order_seq_cst);
  static_cast<void>(fire(waiter, waiter.word_.load(std::memory_order_seq_cst), kFired));
}

// Waking.

void WaiterSet::notify(Interest interest) noexcept {
  attention_.serve(sync::Attention::kSleepers, [&] { return sweep(interest); });
}

void WaiterSet::notify_all() noexcept {
  attention_.serve(sync::Attention::kSleepers, [&] {
    const Marked marked = mark(kEverything);
    if (marked.first == nullptr) return true;
    const bool refused =
        fire_and_clear(*marked.first, Block::bit_of(*marked.first), kFired) == Fired::Refused;
    Budget all{Budget::kUnlimited, Budget::kUnlimited};
    return fire_due(*marked.first, all) && !refused;
  });
}

/// N4 and N5; true if nobody armed is left.
bool WaiterSet::sweep(Interest interest) noexcept {
  const Marked marked = mark(interest);
  if (marked.first == nullptr) return !marked.others;
  Budget budget;
  const bool hooked = marked.first->block_->is_hooked(*marked.first);
  const Fired fired = fire_and_clear(*marked.first, Block::bit_of(*marked.first), kNotified);
  if (fired == Fired::Woken) budget.spend(hooked);
  if (marked.any && !fire_due(*marked.first, budget)) return false;
  return fired != Fired::Refused && !marked.others;
}

/// Marks all but one of those who wait for it as due (N4). That one is fired first: until then
/// nobody depends on it, and if it is the only one there is nothing to mark.
WaiterSet::Marked WaiterSet::mark(Interest interest) noexcept {
  Marked marked;
  for (Block* block = first(); block != nullptr; block = block->next) {
    for (std::uint32_t at = 0; at < kLanes; ++at) {
      Lane& lane = block->lanes[at];
      // seq_cst: sees everybody who raised kSleepers before N3.
      std::uint64_t seen = lane.load(std::memory_order_seq_cst);
      while (armed_of(seen) != 0) {
        const Bits armed = armed_of(seen);
        const Bits wanted = block->meeting(at, armed, interest);
        const bool has_first = marked.first == nullptr && wanted != 0;
        const Bits due = has_first ? wanted & (wanted - 1) : wanted;
        // seq_cst: before the look at the words of those who are fired.
        const bool is_marked =
            (as_due(due) & ~seen) == 0 ||
            lane.compare_exchange(seen, seen | as_due(due), std::memory_order_seq_cst,
                                  std::memory_order_seq_cst);
        if (!is_marked) continue;
        if (has_first) marked.first = &block->waiter_at(at, wanted);
        marked.any |= due != 0;
        marked.others |= armed != wanted;
        break;
      }
    }
  }
  return marked;
}

bool WaiterSet::is_any_due() const noexcept {
  for (const Block* block = first(); block != nullptr; block = block->next) {
    std::uint64_t seen = 0;
    // seq_cst: pairs with the marks of those who count on the caller to go on.
    for (const Lane& lane : block->lanes) seen |= lane.load(std::memory_order_seq_cst);
    if (due_of(seen) != 0) return true;
  }
  return false;
}

/// Fires some of those who are due, beginning behind one of the waiters and going round once (N5).
/// True if none is left. If all began with the lowest, those who are quick to arm again could use
/// up every budget while messages keep coming.
bool WaiterSet::fire_due(const Waiter& behind, Budget& budget) noexcept {
  const std::uint32_t start = behind.place_ / kLaneWidth;
  const Bits up_to_it = (Block::bit_of(behind) << 1) - 1;
  bool none_left = true;
  bool is_round = false;
  Block* block = behind.block_;
  std::uint32_t at = start;
  Bits part = kAll & ~up_to_it;
  for (;;) {
    // seq_cst: pairs with the marks of those who count on the caller to go on.
    const Bits due = due_of(block->lanes[at].load(std::memory_order_seq_cst)) & part;
    if (due != 0) {
      none_left &= fire_some(*block, at, due, budget);
      if (budget.threads + budget.hooks == 0) return false;
    }
    if (is_round) return none_left;
    if (++at == kLanes) {
      at = 0;
      block = block->next != nullptr ? block->next : first();
    }
    is_round = block == behind.block_ && at == start;
    part = is_round ? up_to_it : kAll;
  }
}

/// Fires as many of those due in a lane as the budget allows. True if none is left.
bool WaiterSet::fire_some(Block& block, std::uint32_t lane, Bits due, Budget& budget) noexcept {
  const Bits hooked = block.hooked_of(lane);
  bool none_left = true;
  while (due != 0) {
    const Bits allowed = budget.allow(due, hooked);
    if (allowed == 0) return false;
    const Bits bit = allowed & (~allowed + 1);
    const Fired fired = fire_and_clear(block.waiter_at(lane, bit), as_due(bit), kFired);
    if (fired == Fired::Woken) budget.spend((hooked & bit) != 0);
    none_left &= fired != Fired::Refused;
    due &= ~bit;
  }
  return none_left;
}

/// If one of `bits` of its lane is set: wakes the waiter, and clears its bits after that.
WaiterSet::Fired WaiterSet::fire_and_clear(Waiter& waiter, std::uint64_t bits,
                                           std::uint32_t state) noexcept {
  // In this order: if others have fired and it has armed anew since, it is not fired for their sake
  // again. The bits are then found clear, or set for the newer ticket.
  const std::uint32_t word = waiter.word_.load(std::memory_order_seq_cst);
  if ((waiter.block_->lane_of(waiter).load(std::memory_order_seq_cst) & bits) == 0) {
    return Fired::Idle;
  }
  const Fired fired = fire(waiter, word, state);
  if (fired != Fired::Refused) clear(waiter, ticket_of(word));
  return fired;
}

/// Wakes the waiter, which gets this state, unless the arming that `word` tells of has ended.
WaiterSet::Fired WaiterSet::fire(Waiter& waiter, std::uint32_t word, std::uint32_t state) noexcept {
  if (state_of(word) == kIdle) return Fired::Idle;
  if (state_of(word) == kWaiting) {
    // seq_cst: comes before the owner's end, with what was published and marked before.
    std::uint32_t found = word;
    if (!waiter.word_.compare_exchange(found, ticket_of(word) | state, std::memory_order_seq_cst,
                                       std::memory_order_seq_cst) &&
        (!is_fired(found) || ticket_of(found) != ticket_of(word))) {
      return Fired::Idle;
    }
  }
  // One that is fired already is woken again: whoever did it may be halted before it woke.
  if (!waiter.block_->is_hooked(waiter)) {
    sync::step();
    futex_wake_one(waiter.word_.word());
    return Fired::Woken;
  }
  if (!pin(waiter)) return Fired::Idle;
  sync::step();
  const bool woken = waiter.hook_.fire(waiter.hook_.context, ticket_of(word));
  unpin(waiter);
  return woken ? Fired::Woken : Fired::Refused;
}

/// Clears the bits of an arming that was fired, unless its owner did, or armed anew.
void WaiterSet::clear(Waiter& waiter, Ticket ticket) noexcept {
  Lane& lane = waiter.block_->lane_of(waiter);
  const std::uint64_t bits = as_both(Block::bit_of(waiter));
  // acquire: if this sees a newer arming then the word below is that of the newer ticket.
  std::uint64_t seen = lane.load(std::memory_order_acquire);
  while ((seen & bits) != 0 && ticket_of(waiter.word_.load(std::memory_order_relaxed)) == ticket &&
         !lane.compare_exchange(seen, seen & ~bits, std::memory_order_seq_cst,
                                std::memory_order_acquire)) {
  }
}

}  // namespace ron::wait
