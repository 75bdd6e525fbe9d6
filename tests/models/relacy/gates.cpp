// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Gating subscribers: they are never overrun, and room that one of them makes, by reading or by
// going, is found by a publisher that sleeps until there is some.

#include <array>
#include <cstdint>

#include "ronbus/flavor/subscriptions.hpp"
#include "ronbus/kernel/batch_ring.hpp"
#include "ronbus/kernel/paired_ring.hpp"

#include "model.hpp"
#include "rings.hpp"

namespace {

using models::kCapacity;
using models::message_of;
using models::ReadStatus;
using models::Sequence;
using models::Size;
using ron::flavor::Subscription;
using ron::flavor::Subscriptions;
using ron::kernel::CommitStatus;
using ron::sync::Attention;
using ron::sync::FenceKind;
using ron::wait::WaitStatus;

using Paired = ron::kernel::PairedRing<std::uint64_t>;
using Batched = ron::kernel::BatchRing<std::uint64_t>;

template <FenceKind kind, class Ring = Paired>
struct Bus {
  Attention attention{kind, Attention::HotSide::Swaps};
  Ring ring{kCapacity, 8, attention};
  typename Ring::Writer writer{ring};
  Sequence limit = 0;
  Subscriptions subscriptions{kind};
  Subscription* record = subscriptions.claim(true, "");
  typename Ring::Reader reader{ring, 0};

  bool refresh_limit() {
    limit = subscriptions.limit(writer.position(), kCapacity);
    return limit > writer.position();
  }

  /// As ClassicOutlet does. False if there is no room and `waits` is false.
  bool publish(unsigned number, bool waits) {
    const auto prepared = writer.prepare(message_of(0, number));
    for (;;) {
      const CommitStatus status = writer.commit_within(prepared, limit);
      if (status == CommitStatus::Done) return true;
      if (status == CommitStatus::Refused) return false;
      if (is_closing()) ring.close();
      if (refresh_limit()) continue;
      if (!waits) return false;
      RL_ASSERT(subscriptions.wait_for_room(writer.position() + 1 - kCapacity,
                                            [this] { return is_closing() || refresh_limit(); }, {},
                                            {}) == WaitStatus::Ready);
    }
  }

  [[nodiscard]] bool is_closing() const { return (attention.peek() & Attention::kClosing) != 0; }

  void join() {
    reader.seek(subscriptions.join(*record, [this] { return ring.tail(); }));
  }
  /// Reads a message if there is one. It is never too late for it.
  bool read() {
    const Sequence cursor = reader.cursor();
    const ReadStatus status = reader.read([&](std::uint64_t message) {
      RL_ASSERT(message == message_of(0, static_cast<unsigned>(cursor)));
    });
    RL_ASSERT(status != ReadStatus::Lagged);
    if (status == ReadStatus::Ready) record->show(reader.cursor());
    return status == ReadStatus::Ready;
  }
  void leave() {
    subscriptions.leave(*record);
    subscriptions.release(*record);
  }
};

/// A publisher that waits for room in a full ring, and a subscriber that reads some messages, then
/// goes if it `leaves`.
template <FenceKind kind, unsigned published, unsigned reads, bool leaves, class Ring = Paired>
struct Room : models::Model<2>, Bus<kind, Ring> {
  Room() {
    this->join();
    for (unsigned i = 0; i < kCapacity; ++i) RL_ASSERT(this->publish(i, false));
    RL_ASSERT(!this->publish(kCapacity, false));
  }
  void thread(unsigned index) override {
    if (index == 0) {
      for (unsigned i = 0; i < published; ++i) RL_ASSERT(this->publish(kCapacity + i, true));
    } else {
      for (unsigned i = 0; i < reads; ++i) RL_ASSERT(this->read() || i >= kCapacity);
      if (leaves) this->leave();
    }
  }
};

/// A subscriber that joins while somebody publishes as far as there is room.
template <FenceKind kind, unsigned published, class Ring = Paired>
struct Joining : models::Model<2>, Bus<kind, Ring> {
  void thread(unsigned index) override {
    if (index == 0) {
      for (unsigned i = 0; i < published; ++i) {
        if (!this->publish(i, false)) break;
      }
    } else {
      this->join();
      static_cast<void>(this->read());
    }
  }
  void after() override {
    while (this->read()) continue;
    RL_ASSERT(this->reader.cursor() == this->ring.tail());
  }
};

/// A subscriber that forks, then reads on, beside a publisher: the fork misses nothing.
template <unsigned published>
struct Forking : models::Model<2>, Bus<FenceKind::Membarrier> {
  Subscription* fork = this->subscriptions.claim(true, "");
  Paired::Reader fork_reader{this->ring, 0};

  Forking() {
    this->join();
    for (unsigned i = 0; i < kCapacity; ++i) RL_ASSERT(this->publish(i, false));
  }
  void thread(unsigned index) override {
    if (index == 0) {
      for (unsigned i = kCapacity; i < published; ++i) {
        if (!this->publish(i, false)) break;
      }
    } else {
      const Sequence start = this->reader.cursor();
      fork_reader.seek(this->subscriptions.join(*fork, [&] { return start; }));
      for (unsigned i = 0; i < kCapacity; ++i) RL_ASSERT(this->read());
      const ReadStatus status =
          fork_reader.read([](std::uint64_t message) { RL_ASSERT(message == message_of(0, 0)); });
      RL_ASSERT(status == ReadStatus::Ready);
    }
  }
};

/// A publisher that waits for room in a bus that is closed.
template <FenceKind kind, class Ring = Paired>
struct Closing : models::Model<2>, Bus<kind, Ring> {
  Closing() {
    this->join();
    for (unsigned i = 0; i < kCapacity; ++i) RL_ASSERT(this->publish(i, false));
  }
  void thread(unsigned index) override {
    if (index == 0) {
      RL_ASSERT(!this->publish(kCapacity, true));
    } else {
      this->ring.close();
      this->subscriptions.notify();
    }
  }
};

/// Somebody who waits until all is read, or who has not read it is gone.
template <FenceKind kind, unsigned reads>
struct Draining : models::Model<2>, Bus<kind> {
  rl::var<unsigned> done;

  Draining() {
    done(RL_INFO) = 0;
    this->join();
    for (unsigned i = 0; i < kCapacity; ++i) RL_ASSERT(this->publish(i, false));
  }
  void thread(unsigned index) override {
    if (index == 0) {
      RL_ASSERT(this->subscriptions.drain(kCapacity, [] {}, {}, {}).empty());
      RL_ASSERT(done(RL_INFO) == reads);
    } else {
      for (unsigned i = 0; i < reads; ++i) {
        done(RL_INFO) = i + 1;
        RL_ASSERT(this->read());
      }
      if (reads < kCapacity) this->leave();
    }
  }
};

constexpr auto kMembarrier = FenceKind::Membarrier;
constexpr auto kPortable = FenceKind::SeqCst;

using models::bounded;
using models::Registered;

const std::array all{
    Registered{"gate_room", Size::Quick, bounded<Room<kMembarrier, 1, 1, false>, 4>},
    Registered{"gate_room_long", Size::Full, bounded<Room<kMembarrier, 2, 2, false>, 4>},
    Registered{"gate_room_portable", Size::Full, bounded<Room<kPortable, 2, 2, false>, 3>},
    Registered{"gate_leaving", Size::Full, bounded<Room<kMembarrier, 2, 1, true>, 3>},
    Registered{"gate_leaving_portable", Size::Full, bounded<Room<kPortable, 2, 0, true>, 4>},
    Registered{"gate_forking", Size::Full, bounded<Forking<5>, 4>},
    Registered{"gate_closing", Size::Full, bounded<Closing<kMembarrier>, 4>},
    Registered{"gate_closing_portable", Size::Full, bounded<Closing<kPortable>, 3>},
    Registered{"gate_draining", Size::Full, bounded<Draining<kMembarrier, 2>, 3>},
    Registered{"gate_draining_leave", Size::Full, bounded<Draining<kMembarrier, 1>, 3>},
    Registered{"gate_joining", Size::Full, bounded<Joining<kMembarrier, 5>, 3>},
    Registered{"gate_joining_long", Size::Full, bounded<Joining<kMembarrier, 6>, 4>},
    Registered{"gate_room_batched", Size::Full,
               bounded<Room<kMembarrier, 2, 2, false, Batched>, 3>},
    Registered{"gate_closing_batched", Size::Full, bounded<Closing<kMembarrier, Batched>, 3>},
    Registered{"gate_joining_batched", Size::Full, bounded<Joining<kMembarrier, 5, Batched>, 3>},
};

}  // namespace
