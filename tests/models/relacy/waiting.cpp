// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sleeping against publishing, closing and stopping: whoever sleeps while there is something to
// receive is woken. A sleeper that nobody wakes is a deadlock, which fails.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "ronbus/flavor/edge.hpp"
#include "ronbus/kernel/batch_ring.hpp"
#include "ronbus/kernel/copied_nodes.hpp"
#include "ronbus/kernel/dense_ring.hpp"
#include "ronbus/kernel/paired_ring.hpp"
#include "ronbus/kernel/pooled_ring.hpp"
#include "ronbus/wait/blocking_wait.hpp"
#include "ronbus/wait/wait_strategy.hpp"
#include "ronbus/wait/waiter_set.hpp"

#include "model.hpp"
#include "rings.hpp"

namespace {

using models::Account;
using models::kCapacity;
using models::message_of;
using models::Order;
using models::ReadStatus;
using models::Size;
using ron::sync::Attention;
using ron::sync::FenceKind;
using ron::wait::Waiter;
using ron::wait::WaiterSet;
using ron::wait::WaitStatus;

using Dense = ron::kernel::DenseRing<std::uint64_t>;
using Paired = ron::kernel::PairedRing<std::uint64_t>;
using Copied = ron::kernel::PooledRing<models::Twice, ron::kernel::CopiedNodes<models::Twice>>;
using Batched = ron::kernel::BatchRing<models::Twice>;

template <class Type>
struct Publisher {
  Publisher(Type& ring, Attention& its_attention) : writer{ring}, attention{its_attention} {}
  Attention::Flags publish(std::uint64_t message) {
    RL_ASSERT(writer.commit(writer.prepare(message)) == ron::kernel::CommitStatus::Done);
    return attention.after_swap();
  }
  typename Type::Writer writer;
  Attention& attention;
};

template <>
struct Publisher<Dense> {
  explicit Publisher(Dense& ring, Attention& /*attention*/) : writer{ring} {}
  Attention::Flags publish(std::uint64_t message) { return writer.publish(message); }
  Dense::Writer writer;
};

template <class Type>
struct RingOf {
  static constexpr auto kHotSide = Attention::HotSide::Swaps;
  explicit RingOf(Attention& attention) : ring{kCapacity, 8, attention} {}
  Type ring;
};
template <>
struct RingOf<Dense> {
  static constexpr auto kHotSide = Attention::HotSide::Stores;
  explicit RingOf(Attention& attention) : ring{kCapacity, attention} {}
  Dense ring;
};

/// A bus with up to two sleepers, who linger first if `lingers`.
template <class Type, FenceKind kind, bool lingers = false>
struct Bus {
  struct Subscriber {
    explicit Subscriber(Bus& bus) : reader{bus.of.ring, 0}, account{bus.order} {
      waiter = bus.set.claim(owner);
      RL_ASSERT(waiter != nullptr);
    }
    typename Type::Reader reader;
    Account account;
    ron::wait::Owner owner;
    Waiter* waiter;
  };

  Attention attention{kind, RingOf<Type>::kHotSide};
  WaiterSet set{attention};
  RingOf<Type> of{attention};
  Order order;
  Subscriber subscribers[2]{Subscriber{*this}, Subscriber{*this}};

  void publish(unsigned publisher, unsigned count) {
    Publisher<Type> its{of.ring, attention};
    for (unsigned i = 0; i < count; ++i) {
      order.begin();
      const Attention::Flags flags = its.publish(message_of(publisher, i));
      if ((flags & Attention::kSleepers) != 0) set.notify();
    }
  }
  void close() {
    of.ring.close();
    const Attention::Flags flags = RingOf<Type>::kHotSide == Attention::HotSide::Swaps
                                       ? attention.after_swap()
                                       : attention.after_access();
    if ((flags & Attention::kSleepers) != 0) set.notify_all();
  }
  /// Receives until it has seen all of so many messages, or the end.
  void receive(unsigned who, std::uint64_t messages) {
    Subscriber& self = subscribers[who];
    while (self.reader.cursor() < messages) {
      const ReadStatus status = self.account.read(self.reader);
      if (status == ReadStatus::Closed) return;
      if (status != ReadStatus::Empty) continue;
      const auto ready = [&] { return self.reader.has_news(); };
      RL_ASSERT(ron::flavor::wait_at_edge(kLinger, set, *self.waiter,
                                          ron::WaitStrategy::SleepAtOnce, ready, {},
                                          {}) == WaitStatus::Ready);
    }
  }

  /// No time passes in a model, but nobody who lingers must find that it has.
  static constexpr std::chrono::hours kLinger{lingers ? 1 : 0};
};

/// Publishers that publish some messages each, and sleepers that wait for all of them. A sleeper
/// that sleeps again between two messages arms anew.
template <class Type, FenceKind kind, unsigned publishers, unsigned sleepers, unsigned published>
struct Waking : models::Model<static_cast<rl::thread_id_t>(publishers + sleepers)>,
                Bus<Type, kind> {
  void thread(unsigned index) override {
    if (index < publishers) return this->publish(index, published);
    this->receive(index - publishers, std::uint64_t{publishers} * published);
  }
  void after() override { this->order.check(); }
};

/// The same with sleepers who linger before they arm.
template <unsigned publishers, unsigned published>
struct Edge : models::Model<static_cast<rl::thread_id_t>(publishers + 1)>,
              Bus<Paired, FenceKind::Membarrier, true> {
  void thread(unsigned index) override {
    if (index < publishers) return this->publish(index, published);
    this->receive(0, std::uint64_t{publishers} * published);
  }
  void after() override { this->order.check(); }
};

/// A sleeper that waits for more than comes, and one who closes, with a publisher beside if there
/// is one.
template <class Type, FenceKind kind, unsigned sleepers, unsigned published>
struct Ending : models::Model<static_cast<rl::thread_id_t>(1 + sleepers)>, Bus<Type, kind> {
  void thread(unsigned index) override {
    if (index > 0) return this->receive(index - 1, published + 1);
    this->publish(0, published);
    this->close();
  }
  void after() override {
    for (unsigned i = 0; i < sleepers; ++i) {
      RL_ASSERT(this->subscribers[i].reader.cursor() == published);
    }
  }
};

/// Two close, one of whom may find the ring closed, and the other may be halted then.
template <class Type>
struct Closers : models::Model<3>, Bus<Type, FenceKind::Membarrier> {
  void thread(unsigned index) override {
    if (index == 0) return this->receive(0, 1);
    if (index == 1) return this->of.ring.close();
    this->close();
  }
};

/// A sleeper that is told to stop.
template <FenceKind kind>
struct Stopping : models::Model<2>, Bus<Dense, kind> {
  ron::sync::Atomic<std::uint32_t> stop{0};

  void thread(unsigned index) override {
    Waiter& waiter = *this->subscribers[0].waiter;
    if (index == 0) {
      stop.store(1, std::memory_order_relaxed);
      WaiterSet::wake(waiter);
      return;
    }
    const auto ready = [&] { return stop.load(std::memory_order_relaxed) != 0; };
    RL_ASSERT(ron::wait::sleep(this->set, waiter, ready, {}, {}) == WaitStatus::Ready);
  }
};

/// Notifiers that wake one sleeper each, and that sleeper, which hands on: whoever else was armed
/// before is fired when all have returned.
template <unsigned notifiers>
struct HandingOn : models::Model<static_cast<rl::thread_id_t>(notifiers + 1)> {
  Attention attention{FenceKind::Membarrier};
  WaiterSet set{attention};
  std::array<ron::wait::Owner, 2> owners;
  std::array<ron::wait::Waiter*, 2> waiters{};
  std::array<ron::wait::Ticket, 2> tickets{};

  HandingOn() {
    for (std::size_t i = 0; i < waiters.size(); ++i) {
      waiters[i] = set.claim(owners[i]);
      tickets[i] = set.arm(*waiters[i]);
    }
  }
  void thread(unsigned index) override {
    if (index < notifiers) {
      if ((attention.after_access() & Attention::kSleepers) != 0) set.notify();
    } else {
      set.end(*waiters[0], tickets[0]);
    }
  }
  void after() override {
    set.end(*waiters[1], tickets[1]);
    RL_ASSERT(owners[1].wakeups.load(std::memory_order_relaxed) == 1);
  }
};

/// The same where another arms, in another lane, and is notified by who counts on the first one to
/// go on, though it was fired by somebody else.
struct HandingOnLate : models::Model<3> {
  Attention attention{FenceKind::Membarrier};
  WaiterSet set{attention};
  std::array<ron::wait::Owner, 2> owners;
  std::array<ron::wait::Waiter*, 2> waiters{};
  ron::wait::Ticket first = 0;
  ron::wait::Ticket last = 0;

  HandingOnLate() {
    for (std::size_t i = 0; i < waiters.size(); ++i) waiters[i] = set.claim(owners[i]);
    first = set.arm(*waiters[0]);
  }
  void notify() {
    if ((attention.after_access() & Attention::kSleepers) != 0) set.notify();
  }
  void thread(unsigned index) override {
    if (index == 0) return notify();
    if (index == 1) {
      last = set.arm(*waiters[1]);
      return notify();
    }
    set.end(*waiters[0], first);
  }
  void after() override {
    set.end(*waiters[1], last);
    RL_ASSERT(owners[1].wakeups.load(std::memory_order_relaxed) == 1);
  }
};

constexpr auto kMembarrier = FenceKind::Membarrier;
constexpr auto kPortable = FenceKind::SeqCst;

using models::bounded;
using models::Registered;

const std::array all{
    Registered{"sleep_publish", Size::Quick, bounded<Waking<Dense, kMembarrier, 1, 1, 1>, 4>},
    Registered{"sleep_publish_long", Size::Full, bounded<Waking<Dense, kMembarrier, 1, 1, 1>, 6>},
    Registered{"sleep_publish_portable", Size::Full, bounded<Waking<Dense, kPortable, 1, 1, 1>, 5>},
    Registered{"sleep_publish_pair", Size::Full, bounded<Waking<Paired, kMembarrier, 1, 1, 1>, 5>},
    Registered{"sleep_publish_copied", Size::Full,
               bounded<Waking<Copied, kMembarrier, 1, 1, 1>, 4>},
    Registered{"sleep_again", Size::Full, bounded<Waking<Dense, kMembarrier, 1, 1, 2>, 3>},
    Registered{"sleep_again_long", Size::Full, bounded<Waking<Dense, kMembarrier, 1, 1, 2>, 4>},
    Registered{"sleep_two", Size::Full, bounded<Waking<Dense, kMembarrier, 1, 2, 1>, 2>},
    Registered{"sleep_two_publishers", Size::Full,
               bounded<Waking<Paired, kMembarrier, 2, 1, 1>, 3>},
    Registered{"sleep_close", Size::Quick, bounded<Ending<Dense, kMembarrier, 1, 0>, 4>},
    Registered{"sleep_close_portable", Size::Full, bounded<Ending<Dense, kPortable, 1, 1>, 3>},
    Registered{"sleep_close_two", Size::Full, bounded<Ending<Paired, kMembarrier, 2, 1>, 2>},
    Registered{"sleep_closers", Size::Full, bounded<Closers<Paired>, 3>},
    Registered{"sleep_publish_batched", Size::Full,
               bounded<Waking<Batched, kMembarrier, 1, 1, 1>, 4>},
    Registered{"sleep_two_publishers_batched", Size::Full,
               bounded<Waking<Batched, kMembarrier, 2, 1, 1>, 2>},
    Registered{"sleep_close_batched", Size::Full, bounded<Ending<Batched, kMembarrier, 1, 1>, 3>},
    Registered{"sleep_closers_batched", Size::Full, bounded<Closers<Batched>, 3>},
    Registered{"edge_rearm", Size::Quick, bounded<Edge<1, 2>, 3>},
    Registered{"edge_rearm_long", Size::Full, bounded<Edge<1, 3>, 4>},
    Registered{"edge_rearm_two_publishers", Size::Full, bounded<Edge<2, 1>, 3>},
    Registered{"hand_on", Size::Full, bounded<HandingOn<1>, 4>},
    Registered{"hand_on_two", Size::Full, bounded<HandingOn<2>, 2>},
    Registered{"hand_on_late", Size::Full, bounded<HandingOnLate, 2>},
    Registered{"sleep_stop", Size::Quick, bounded<Stopping<kMembarrier>, 5>},
    Registered{"sleep_stop_portable", Size::Full, bounded<Stopping<kPortable>, 5>},
};

}  // namespace
