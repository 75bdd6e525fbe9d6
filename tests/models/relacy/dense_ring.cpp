// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The ring of one publisher: reading against publishing and overwriting, exact lag, and the end of
// the order.

#include "ronbus/kernel/dense_ring.hpp"

#include <cstdint>

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

/// Of one word there are three messages in a block, of two words there is one.
template <class Message, FenceKind kind>
struct Ring {
  using Type = ron::kernel::DenseRing<Message>;

  Attention attention{kind};
  Type ring{kCapacity, attention};
  typename Type::Reader reader{ring, 0};
  Order order;
  Account account{order};
};

/// A reader against a publisher that overtakes it. With a flag raised all the time if it is
/// `watched`: then each look is followed by a second one.
template <class Message, unsigned published, int reads, bool watched = false>
struct LapOver : models::Model<2>, Ring<Message, FenceKind::Membarrier> {
  LapOver() {
    if (watched) this->attention.raise(Attention::kSleepers);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      typename decltype(this->ring)::Writer writer{this->ring};
      for (unsigned i = 0; i < published; ++i) {
        this->order.begin();
        static_cast<void>(writer.publish(Message{message_of(0, i)}));
      }
    } else {
      for (int i = 0; i < reads; ++i) static_cast<void>(this->account.read(this->reader));
    }
  }

  void after() override {
    RL_ASSERT(this->ring.tail() == published);
    this->account.settle(this->ring, this->reader, ReadStatus::Empty);
  }
};

/// The same with batches.
template <class Message, unsigned published, int reads>
struct Batches : models::Model<2>, Ring<Message, FenceKind::Membarrier> {
  void thread(unsigned index) override {
    if (index == 0) {
      typename decltype(this->ring)::Writer writer{this->ring};
      unsigned number = 0;
      const auto next = [&] { return Message{message_of(0, number++)}; };
      for (unsigned i = 0; i < published; i += models::kBatch) {
        for (unsigned k = 0; k < models::kBatch; ++k) this->order.begin();
        writer.publish_many(models::kBatch, next);
      }
    } else {
      for (int i = 0; i < reads; ++i) {
        static_cast<void>(this->account.template read_many<Message>(this->reader));
      }
    }
  }
  void after() override {
    RL_ASSERT(this->ring.tail() == published);
    this->account.settle(this->ring, this->reader, ReadStatus::Empty);
  }
};

/// close() against publishing, and against reading if there is a third thread.
template <FenceKind kind, unsigned published, int reads>
struct Closing : models::Model<reads == 0 ? 2 : 3>, Ring<models::Twice, kind> {
  std::uint64_t accepted = 0;
  bool seen_closed = false;

  void thread(unsigned index) override {
    if (index == 0) {
      typename decltype(this->ring)::Writer writer{this->ring};
      for (unsigned i = 0; i < published; ++i) {
        this->order.begin();
        const Attention::Flags flags = writer.publish(models::Twice{message_of(0, i)});
        const bool closing = (flags & Attention::kClosing) != 0;
        if (!closing || writer.excess() == 0) ++accepted;
        if (closing) break;
      }
    } else if (index == 1) {
      this->ring.close();
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

/// close() against publishing, and against who asks for the tail, or reads batches.
template <bool asks>
struct ClosingBeside : Closing<FenceKind::Membarrier, 2, 1> {
  using Base = Closing<FenceKind::Membarrier, 2, 1>;
  std::uint64_t told = 0;

  void thread(unsigned index) override {
    if (index < 2) {
      Base::thread(index);
    } else if (asks) {
      told = ring.tail();
    } else {
      seen_closed = account.read_many<models::Twice>(reader) == ReadStatus::Closed;
    }
  }
  void after() override {
    RL_ASSERT(told <= accepted);
    Base::after();
  }
};

constexpr auto kMembarrier = FenceKind::Membarrier;
constexpr auto kPortable = FenceKind::SeqCst;

const models::Registered overwrite{"dense_overwrite", Size::Quick,
                                   models::bounded<LapOver<models::Twice, 5, 1>, 4>};
const models::Registered lap_over{"dense_lap_over", Size::Quick,
                                  models::bounded<LapOver<std::uint64_t, 4, 3>, 4>};
const models::Registered lap_over_watched{"dense_lap_over_watched", Size::Full,
                                          models::bounded<LapOver<std::uint64_t, 4, 3, true>, 4>};
const models::Registered lap_over_long{"dense_lap_over_long", Size::Full,
                                       models::bounded<LapOver<models::Twice, 7, 3>, 3>};
const models::Registered batches{"dense_batches", Size::Full,
                                 models::bounded<Batches<std::uint64_t, 6, 2>, 4>};
const models::Registered batches_of_two_words{"dense_batches_two_words", Size::Full,
                                              models::bounded<Batches<models::Twice, 6, 2>, 2>};
const models::Registered closing{"dense_closing", Size::Quick,
                                 models::bounded<Closing<kMembarrier, 2, 0>, 4>};
const models::Registered closing_all{"dense_closing_all", Size::Full,
                                     models::exhaustive<Closing<kMembarrier, 1, 0>>};
const models::Registered closing_read{"dense_closing_read", Size::Full,
                                      models::bounded<Closing<kMembarrier, 2, 2>, 3>};
const models::Registered closing_portable{"dense_closing_portable", Size::Full,
                                          models::bounded<Closing<kPortable, 2, 2>, 3>};
const models::Registered closing_tail{"dense_closing_tail", Size::Full,
                                      models::bounded<ClosingBeside<true>, 3>};
const models::Registered closing_batches{"dense_closing_batches", Size::Full,
                                         models::bounded<ClosingBeside<false>, 2>};

}  // namespace
