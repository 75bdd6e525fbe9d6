// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The rings of many publishers: two of them at one slot, reading against overwriting, exact lag,
// and the end of the order.

#include <algorithm>
#include <array>
#include <cstdint>

#include "ronbus/kernel/batch_ring.hpp"
#include "ronbus/kernel/copied_nodes.hpp"
#include "ronbus/kernel/paired_ring.hpp"
#include "ronbus/kernel/pinned_nodes.hpp"
#include "ronbus/kernel/pooled_ring.hpp"

#include "model.hpp"
#include "rings.hpp"

namespace {

using models::Account;
using models::kCapacity;
using models::Living;
using models::message_of;
using models::Order;
using models::ReadStatus;
using models::Sequence;
using models::Size;
using models::Twice;
using ron::kernel::CommitStatus;
using ron::sync::Attention;
using ron::sync::FenceKind;

using Batched = ron::kernel::BatchRing<Twice>;
using Paired = ron::kernel::PairedRing<std::uint64_t>;
using Copied = ron::kernel::PooledRing<Twice, ron::kernel::CopiedNodes<Twice>>;
using Pinned = ron::kernel::PooledRing<Living, ron::kernel::PinnedNodes<Living>>;

constexpr std::uint32_t kFlushThreshold = 2;

template <class Type, FenceKind kind = FenceKind::Membarrier>
struct Ring {
  Attention attention{kind, Attention::HotSide::Swaps};
  Type ring{kCapacity, kFlushThreshold, attention};
  typename Type::Writer writers[2]{typename Type::Writer{ring}, typename Type::Writer{ring}};
  typename Type::Reader reader{ring, 0};
  Order order;
  Account account{order};

  /// Publishes message `number`; false if the order has ended.
  bool publish(unsigned publisher, unsigned number) {
    auto& writer = writers[publisher];
    const auto prepared = writer.prepare(message_of(publisher, number));
    RL_ASSERT(static_cast<bool>(prepared));
    order.begin();
    const CommitStatus status = writer.commit(prepared);
    if (status == CommitStatus::Refused) writer.abandon(prepared);
    return status == CommitStatus::Done;
  }
  void read(int times) {
    for (int i = 0; i < times; ++i) static_cast<void>(account.read(reader));
  }
};

/// Two publishers, and a reader if it reads.
template <class Type, unsigned published, int reads>
struct Meeting : models::Model<reads == 0 ? 2 : 3>, Ring<Type> {
  void thread(unsigned index) override {
    if (index == 2) return this->read(reads);
    for (unsigned i = 0; i < published; ++i) RL_ASSERT(this->publish(index, i));
  }
  void after() override {
    RL_ASSERT(this->ring.tail() == 2 * published);
    this->account.settle(this->ring, this->reader, ReadStatus::Empty);
  }
};

/// A reader against a publisher that overtakes it. Some messages are published before it begins.
template <class Type, FenceKind kind, unsigned before, unsigned published, int reads>
struct LapOver : models::Model<2>, Ring<Type, kind> {
  LapOver() {
    for (unsigned i = 0; i < before; ++i) RL_ASSERT(this->publish(0, i));
  }
  void thread(unsigned index) override {
    if (index == 1) return this->read(reads);
    for (unsigned i = before; i < published; ++i) RL_ASSERT(this->publish(0, i));
  }
  void after() override {
    RL_ASSERT(this->ring.tail() == published);
    this->account.settle(this->ring, this->reader, ReadStatus::Empty);
  }
};

/// The same with batches that are read.
template <unsigned published, int reads>
struct Batches : models::Model<2>, Ring<Paired> {
  void thread(unsigned index) override {
    if (index == 0) {
      for (unsigned i = 0; i < published; ++i) RL_ASSERT(this->publish(0, i));
    } else {
      for (int i = 0; i < reads; ++i) {
        static_cast<void>(this->account.template read_many<std::uint64_t>(this->reader));
      }
    }
  }
  void after() override { this->account.settle(this->ring, this->reader, ReadStatus::Empty); }
};

/// The same where the reader holds what it has read.
template <class Type>
struct Holding : models::Model<2>, Ring<Type> {
  Holding() { RL_ASSERT(this->publish(0, 0)); }
  void thread(unsigned index) override {
    if (index == 0) {
      for (unsigned i = 1; i < 6; ++i) RL_ASSERT(this->publish(0, i));
    } else {
      static_cast<void>(this->account.read(this->reader));
      typename Type::Hold hold;
      const Sequence cursor = this->reader.cursor();
      const ReadStatus status = this->reader.hold(hold);
      if (status == ReadStatus::Lagged) RL_ASSERT(this->reader.skip_to_oldest() > 0);
      if (status != ReadStatus::Ready) return;
      const std::uint64_t message = contents(hold.message());
      RL_ASSERT(message == message_of(0, static_cast<unsigned>(cursor)));
      RL_ASSERT(contents(hold.message()) == message);
    }
  }
};

/// A ring of batches, each of as many messages as one may have.
struct BatchesOfTwo : Ring<Batched> {
  static constexpr unsigned kCount = Batched::kMaxBatch;
  static_assert(kCount == 2);

  /// Publishes batch `batch`, in parts if need be; false if the order has ended.
  bool publish_batch(unsigned publisher, unsigned batch) {
    const std::array<Twice, kCount> messages{Twice{message_of(publisher, kCount * batch)},
                                             Twice{message_of(publisher, kCount * batch + 1)}};
    for (unsigned i = 0; i < kCount; ++i) order.begin();
    const Twice* next = messages.data();
    for (std::size_t left = kCount; left > 0;) {
      const std::size_t now =
          writers[publisher].publish_many(next, left, ron::kernel::kNoLimit, [](const Twice&) {});
      if (now == 0) return false;
      left -= now;
    }
    return true;
  }
};

/// Publishers of batches, and a reader if it reads.
template <unsigned publishers, unsigned batches, int reads>
struct InBatches : models::Model<publishers + (reads == 0 ? 0 : 1)>, BatchesOfTwo {
  void thread(unsigned index) override {
    if (index == publishers) {
      for (int i = 0; i < reads; ++i) static_cast<void>(account.read_many<Twice>(reader));
      return;
    }
    for (unsigned batch = 0; batch < batches; ++batch) RL_ASSERT(publish_batch(index, batch));
  }
  void after() override {
    RL_ASSERT(ring.tail() == publishers * batches * kCount);
    account.settle(ring, reader, ReadStatus::Empty);
  }
};

/// A publisher of batches that goes on when the order has ended: what is retained stays.
template <unsigned batches>
struct ClosingInBatches : models::Model<2>, BatchesOfTwo {
  void thread(unsigned index) override {
    if (index == 1) return ring.close();
    for (unsigned batch = 0; batch < batches; ++batch) {
      static_cast<void>(publish_batch(0, batch));
    }
  }
  void after() override {
    const Sequence tail = ring.tail();
    reader.seek(tail - std::min<Sequence>(tail, kCapacity));
    while (reader.cursor() < tail) {
      const auto number = static_cast<unsigned>(reader.cursor());
      RL_ASSERT(reader.read([&](const Twice& message) {
        RL_ASSERT(contents(message) == message_of(0, number));
      }) == ReadStatus::Ready);
    }
  }
};

/// Publishers that come, and take nodes that are made for them.
template <class Type>
struct Growing : models::Model<3> {
  Attention attention{FenceKind::Membarrier, Attention::HotSide::Swaps};
  Type ring{kCapacity, kFlushThreshold, attention};
  typename Type::Reader reader{ring, 0};

  void thread(unsigned index) override {
    if (index < 2) {
      typename Type::Writer writer{ring};
      RL_ASSERT(writer.commit(writer.prepare(message_of(index, 0))) == CommitStatus::Done);
    } else {
      for (unsigned i = 0; i < 2; ++i) {
        static_cast<void>(reader.read([](const auto& message) {
          const std::uint64_t found = contents(message);
          RL_ASSERT(found == message_of(0, 0) || found == message_of(1, 0));
        }));
      }
    }
  }
  void after() override { RL_ASSERT(ring.tail() == 2); }
};

/// close() against publishing, and against reading if it reads.
template <class Type, unsigned published, int reads>
struct Closing : models::Model<reads == 0 ? 2 : 3>, Ring<Type> {
  std::uint64_t accepted = 0;
  bool has_closed = false;
  bool seen_closed = false;

  void thread(unsigned index) override {
    if (index == 0) {
      for (unsigned i = 0; i < published; ++i) {
        const bool closed_before = has_closed;
        const bool is_accepted = this->publish(0, i);
        RL_ASSERT(!(closed_before && is_accepted));
        accepted += is_accepted ? 1 : 0;
        if (!is_accepted) break;
      }
    } else if (index == 1) {
      this->ring.close();
      has_closed = true;
    } else {
      for (int i = 0; i < reads && !seen_closed; ++i) {
        seen_closed = this->account.read(this->reader) == ReadStatus::Closed;
      }
    }
  }
  void after() override {
    RL_ASSERT(this->ring.tail() == accepted);
    if (seen_closed) RL_ASSERT(this->reader.cursor() == accepted);
    this->account.settle(this->ring, this->reader, ReadStatus::Closed);
  }
};

/// Two readers agree on the order of two publishers.
template <class Type>
struct Agreement : models::Model<4>, Ring<Type> {
  typename Type::Reader other_reader{this->ring, 0};
  Account other_account{this->order};

  void thread(unsigned index) override {
    if (index < 2) {
      RL_ASSERT(this->publish(index, 0));
    } else if (index == 2) {
      this->read(2);
    } else {
      for (int i = 0; i < 2; ++i) static_cast<void>(other_account.read(other_reader));
    }
  }
  void after() override {
    this->account.settle(this->ring, this->reader, ReadStatus::Empty);
    other_account.settle(this->ring, other_reader, ReadStatus::Empty);
  }
};

constexpr auto kMembarrier = FenceKind::Membarrier;
constexpr auto kPortable = FenceKind::SeqCst;

using models::bounded;
using models::exhaustive;
using models::Registered;

const std::array all{
    Registered{"paired_meeting", Size::Quick, exhaustive<Meeting<Paired, 1, 0>>},
    Registered{"paired_meeting_laps", Size::Full, bounded<Meeting<Paired, 3, 0>, 4>},
    Registered{"paired_meeting_read", Size::Full, bounded<Meeting<Paired, 2, 2>, 3>},
    Registered{"paired_lap_over", Size::Quick, bounded<LapOver<Paired, kMembarrier, 0, 5, 2>, 4>},
    Registered{"paired_batches", Size::Full, bounded<Batches<5, 2>, 3>},
    Registered{"copied_holding", Size::Full, bounded<Holding<Copied>, 3>},
    Registered{"pinned_holding", Size::Full, bounded<Holding<Pinned>, 3>},
    Registered{"copied_growing", Size::Full, bounded<Growing<Copied>, 2>},
    Registered{"pinned_growing", Size::Full, bounded<Growing<Pinned>, 2>},
    Registered{"paired_closing", Size::Quick, bounded<Closing<Paired, 3, 0>, 4>},
    Registered{"paired_closing_read", Size::Full, bounded<Closing<Paired, 2, 3>, 3>},
    Registered{"paired_agreement", Size::Full, bounded<Agreement<Paired>, 2>},

    Registered{"batched_meeting", Size::Full, bounded<Meeting<Batched, 1, 0>, 4>},
    Registered{"batched_meeting_laps", Size::Full, bounded<Meeting<Batched, 5, 0>, 2>},
    Registered{"batched_meeting_read", Size::Full, bounded<Meeting<Batched, 2, 2>, 2>},
    Registered{"batched_lap_over", Size::Full, bounded<LapOver<Batched, kMembarrier, 0, 5, 2>, 3>},
    Registered{"batched_lap_over_long", Size::Full,
               bounded<LapOver<Batched, kMembarrier, 3, 9, 3>, 3>},
    Registered{"batched_closing", Size::Full, bounded<Closing<Batched, 3, 0>, 4>},
    Registered{"batched_closing_read", Size::Full, bounded<Closing<Batched, 2, 3>, 2>},
    Registered{"batched_agreement", Size::Full, bounded<Agreement<Batched>, 1>},
    Registered{"batched_holding", Size::Full, bounded<Holding<Batched>, 3>},
    Registered{"batched_growing", Size::Full, bounded<Growing<Batched>, 2>},
    Registered{"batched_lapped", Size::Full,
               models::random<LapOver<Batched, kMembarrier, 2, 6, 1>, 100000>},
    Registered{"batched_closing_batches", Size::Full, bounded<ClosingInBatches<4>, 4>},
    Registered{"batched_in_batches", Size::Full, bounded<InBatches<1, 4, 3>, 2>},
    Registered{"batched_in_batches_two", Size::Full, bounded<InBatches<2, 2, 0>, 3>},
    Registered{"batched_in_batches_read", Size::Full, bounded<InBatches<2, 1, 2>, 2>},

    Registered{"copied_meeting", Size::Quick, bounded<Meeting<Copied, 1, 0>, 4>},
    Registered{"copied_meeting_laps", Size::Full, bounded<Meeting<Copied, 3, 0>, 4>},
    Registered{"copied_meeting_read", Size::Full, bounded<Meeting<Copied, 2, 2>, 2>},
    Registered{"copied_lap_over", Size::Quick, bounded<LapOver<Copied, kMembarrier, 0, 5, 1>, 3>},
    Registered{"copied_lap_over_long", Size::Full,
               bounded<LapOver<Copied, kMembarrier, 0, 6, 3>, 3>},
    Registered{"copied_closing", Size::Full, bounded<Closing<Copied, 3, 0>, 4>},
    Registered{"copied_closing_read", Size::Full, bounded<Closing<Copied, 2, 3>, 3>},
    Registered{"copied_agreement", Size::Full, bounded<Agreement<Copied>, 2>},

    Registered{"pinned_meeting", Size::Full, bounded<Meeting<Pinned, 3, 0>, 3>},
    Registered{"pinned_reclaim", Size::Quick, bounded<LapOver<Pinned, kMembarrier, 3, 7, 2>, 3>},
    Registered{"pinned_reclaim_long", Size::Full,
               bounded<LapOver<Pinned, kMembarrier, 3, 7, 3>, 4>},
    Registered{"pinned_reclaim_portable", Size::Full,
               bounded<LapOver<Pinned, kPortable, 3, 7, 2>, 4>},
    Registered{"pinned_meeting_read", Size::Full, bounded<Meeting<Pinned, 4, 2>, 1>},
    Registered{"pinned_closing_read", Size::Full, bounded<Closing<Pinned, 2, 3>, 3>},
};

}  // namespace
