// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Plain memory that is handed from thread to thread: entries of registries, nodes of pools, the
// contexts of hooks, what shares keep alive. Whoever has it sees what was written there before it
// came, and nobody else uses it any more. Here it is made of words in which Relacy finds races.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "ronbus/flavor/subscriptions.hpp"
#include "ronbus/kernel/node_pool.hpp"
#include "ronbus/kernel/registry.hpp"
#include "ronbus/sync/rundown.hpp"
#include "ronbus/wait/suspension.hpp"
#include "ronbus/wait/waiter_set.hpp"

#include "model.hpp"

namespace {

using models::Size;
using ron::sync::Attention;
using ron::sync::FenceKind;
using ron::wait::Suspension;
using ron::wait::Ticket;
using ron::wait::Waiter;
using ron::wait::WaiterSet;

/// Memory that is constructed, then read, and used by one thread at a time.
class Thing {
 public:
  Thing() {
    made_(RL_INFO) = 1;
    uses_(RL_INFO) = 0;
  }
  void look() { RL_ASSERT(made_(RL_INFO) == 1); }
  void look_at_uses() { RL_ASSERT(uses_(RL_INFO) > 0); }
  void use() { uses_(RL_INFO) = uses_(RL_INFO) + 1; }

 private:
  rl::var<int> made_;
  rl::var<int> uses_;
};

/// Entries are claimed, used and given back, while others walk over all of them.
struct Entries : models::Model<2> {
  struct Entry : ron::kernel::RegistryEntry<Entry>, Thing {};
  ron::kernel::Registry<Entry> registry;

  Entries() { registry.release(*registry.claim()); }
  void thread(unsigned /*index*/) override {
    Entry& own = *registry.claim();
    own.use();
    registry.release(own);
    for (Entry* each = registry.first(); each != nullptr; each = each->next_entry()) each->look();
  }
};

/// Two threads take nodes; one of them makes the chunk that both are in.
struct Nodes : models::Model<2> {
  ron::kernel::NodePool<Thing> pool{1, 2, 7};

  Nodes() { static_cast<void>(pool.take(1)); }
  void thread(unsigned /*index*/) override {
    const std::optional<ron::kernel::NodeIndex> index = pool.take(1);
    RL_ASSERT(index.has_value());
    Thing& own = pool[*index];
    own.look();
    own.use();
  }
};

/// A waiter is released and claimed anew, with another hook, while somebody fires it.
struct Hooks : models::Model<2> {
  struct Context {
    Thing thing;
    rl::var<int> dropped;
  };

  Attention attention{FenceKind::Membarrier};
  WaiterSet set{attention};
  ron::wait::Owner owner;
  std::array<Context, 2> contexts;

  static bool fire(void* context, Ticket /*ticket*/) noexcept {
    auto& own = *static_cast<Context*>(context);
    own.thing.look_at_uses();
    RL_ASSERT(own.dropped(RL_INFO) == 0);
    return true;
  }
  static void drop(void* context) noexcept { static_cast<Context*>(context)->dropped(RL_INFO) = 1; }

  Hooks() {
    for (Context& each : contexts) each.dropped(RL_INFO) = 0;
  }
  void thread(unsigned index) override {
    if (index == 0) {
      for (Context& each : contexts) {
        each.thing.use();
        Waiter& waiter = *set.claim(owner, {.fire = fire, .drop = drop, .context = &each});
        static_cast<void>(set.arm(waiter));
        set.release(waiter);
      }
    } else if ((attention.after_access() & Attention::kSleepers) != 0) {
      set.notify();
    }
  }
  void after() override {
    for (Context& each : contexts) RL_ASSERT(each.dropped(RL_INFO) == 1);
  }
};

/// What some use while they may, and what belongs to whoever is alone; who shuts it has both then.
struct Shutting : models::Model<3> {
  ron::sync::Rundown rundown;
  rl::var<int> gone;
  Thing own;

  Shutting() { gone(RL_INFO) = 0; }
  void thread(unsigned index) override {
    if (index == 2) {
      rundown.shut();
      gone(RL_INFO) = 1;
      own.use();
      return;
    }
    for (unsigned i = 0; i <= index; ++i) {
      const ron::sync::Rundown::Entry entry{rundown};
      if (!entry) continue;
      RL_ASSERT(gone(RL_INFO) == 0);
      if (entry.is_alone()) own.use();
    }
  }
};

/// Places are claimed by one thread after another, which go on counting where the one before
/// stopped.
struct Places : models::Model<2> {
  Attention attention{FenceKind::Membarrier};
  WaiterSet set{attention};
  std::array<ron::wait::Owner, 2> owners;
  std::array<Waiter*, 2> waiters{};
  std::array<Ticket, 2> tickets{};

  void thread(unsigned index) override {
    Waiter& waiter = *set.claim(owners[index]);
    waiters[index] = &waiter;
    tickets[index] = set.arm(waiter);
    set.release(waiter);
  }
  void after() override { RL_ASSERT(waiters[0] != waiters[1] || tickets[0] != tickets[1]); }
};

/// A suspension goes with the last of its shares, and takes along what it keeps.
struct Shares : models::Model<2> {
  class Target : public ron::wait::PostTarget {
   public:
    explicit Target(std::array<Thing, 2>& things) : things_{things} {}
    ~Target() override {
      for (Thing& each : things_) each.use();
    }
    void post(ron::Wakeup /*wakeup*/) override {}

   private:
    std::array<Thing, 2>& things_;
  };

  Attention attention{FenceKind::Membarrier};
  WaiterSet set{attention};
  ron::wait::Owner owner;
  std::array<Thing, 2> things;  ///< each thread uses one, and whoever destroys the target both
  Suspension* suspension = nullptr;

  Shares() {
    suspension =
        &Suspension::attach(set, owner, ron::wait::kEverything, std::make_shared<Target>(things));
    suspension->retain();
  }
  void thread(unsigned index) override {
    things[index].use();
    if (index == 0) {
      suspension->detach();
    } else {
      suspension->release();
    }
  }
};

/// The histogram of a subscriber is there for whoever looks.
struct Distances : models::Model<2> {
  ron::flavor::Subscriptions subscriptions{FenceKind::Membarrier};
  ron::flavor::Subscription* record = subscriptions.claim(false, "ann");

  void thread(unsigned index) override {
    if (index == 0) {
      RL_ASSERT(record->measure_distances());
    } else {
      RL_ASSERT(record->distance().count() == 0);
    }
  }
};

using models::bounded;
using models::Registered;

const std::array all{
    Registered{"memory_entries", Size::Full, bounded<Entries, 4>},
    Registered{"memory_nodes", Size::Full, bounded<Nodes, 4>},
    Registered{"memory_hooks", Size::Full, bounded<Hooks, 3>},
    Registered{"memory_places", Size::Full, models::random<Places, 20000>},
    Registered{"memory_shares", Size::Full, bounded<Shares, 4>},
    Registered{"memory_shutting", Size::Full, bounded<Shutting, 4>},
    Registered{"memory_distances", Size::Full, bounded<Distances, 1>},
};

}  // namespace
