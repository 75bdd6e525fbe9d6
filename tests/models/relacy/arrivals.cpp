// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Who comes and goes: subscribers that publishers wait for, count and hand over to, the right of a
// sole publisher, the last handle, and what records show to those who ask.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "ronbus/config.hpp"
#include "ronbus/flavor/attendance.hpp"
#include "ronbus/flavor/bus_state.hpp"
#include "ronbus/flavor/subscriptions.hpp"

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
using ron::sync::FenceKind;
using ron::wait::WaitStatus;

using Word = std::uint64_t;
using State = ron::flavor::BusState<Word>;

ron::EffectiveConfig config_of(FenceKind kind, bool single,
                               ron::BusMode mode = ron::BusMode::Classic) {
  ron::EffectiveConfig config;
  config.mode.value = mode;
  config.capacity = kCapacity;
  config.tls_flush_threshold.value = 8;
  config.single_publisher.value = single;
  config.fence.value = kind;
  return config;
}

/// A publisher that waits until somebody is there: who is counted has said where it starts. Or,
/// the other way round, until nobody is: who has gone has done all it did.
template <FenceKind kind, bool arrives>
struct Attending : models::Model<2> {
  State state{config_of(kind, true)};
  rl::var<unsigned> work;

  Attending() {
    work(RL_INFO) = 0;
    if (!arrives) state.add_subscriber();
  }
  void thread(unsigned index) override {
    if (index == 0) {
      const auto ready = [&] {
        return arrives ? state.attendance().present() > 0 : state.has_no_subscribers();
      };
      RL_ASSERT(state.attendance().wait(ready, {}, {}) == WaitStatus::Ready);
      RL_ASSERT(work(RL_INFO) == 1);
    } else if (arrives) {
      work(RL_INFO) = 1;
      state.attendance().enter(0);
    } else {
      work(RL_INFO) = 1;
      state.remove_subscriber();
    }
  }
};

/// Messages published while nobody was there, told while somebody comes and goes.
struct Unheard : models::Model<2> {
  ron::flavor::Attendance attendance{FenceKind::Membarrier};

  void thread(unsigned index) override {
    if (index == 0) {
      attendance.enter(2);
      attendance.leave(5);
      attendance.enter(6);
    } else {
      std::uint64_t last = 0;
      for (int i = 0; i < 2; ++i) {
        const std::uint64_t now = attendance.unheard(6);
        // All 6 if nobody has come yet; else 2, and 1 more in the end.
        RL_ASSERT(now == 6 || now <= 3);
        RL_ASSERT(now >= last);
        last = now;
      }
    }
  }
  void after() override {
    attendance.leave(7);
    RL_ASSERT(attendance.unheard(8) >= 4);
  }
};

/// Somebody goes while somebody else comes.
struct Handover : models::Model<2> {
  ron::flavor::Attendance attendance{FenceKind::Membarrier};

  Handover() { attendance.enter(0); }
  void thread(unsigned index) override {
    if (index == 0) {
      attendance.leave(3);
    } else {
      attendance.enter(5);
    }
  }
  void after() override {
    const std::uint64_t unheard = attendance.unheard(6);
    RL_ASSERT(unheard == 0 || unheard == 2);
  }
};

/// Who publishes counts every subscriber that is going to see the message.
template <class Message, FenceKind kind, bool single, ron::BusMode mode = ron::BusMode::Classic>
struct Counting : models::Model<2> {
  ron::flavor::BusState<Message> state{config_of(kind, single, mode)};
  Sequence start = 0;
  std::size_t covered = 0;

  void thread(unsigned index) override {
    if (index == 0 && single) {
      typename ron::flavor::DenseRing<Message>::Writer writer{state.dense()};
      static_cast<void>(writer.publish(Message{message_of(0, 0)}));
      covered = state.subscribers();
    } else if (index == 0 && mode == ron::BusMode::Batched) {
      publish(typename ron::flavor::BatchRing<Message>::Writer{state.batches()});
    } else if (index == 0) {
      publish(typename ron::flavor::SharedRing<Message>::Writer{state.shared()});
    } else {
      state.add_subscriber();
      start = state.tail();
    }
  }
  template <class Writer>
  void publish(Writer writer) {
    static_cast<void>(writer.commit(writer.prepare(message_of(0, 0))));
    covered = state.subscribers_after_swap();
  }
  void after() override { RL_ASSERT(start == 1 || covered == 1); }
};

/// Two publishers, one at a time: who gets the right goes on where the other stopped.
struct SoleRight : models::Model<2> {
  State state{config_of(FenceKind::Membarrier, true)};
  rl::var<unsigned> owned;
  unsigned published = 0;

  SoleRight() { owned(RL_INFO) = 0; }
  void thread(unsigned index) override {
    if (!state.take_sole_right()) return;
    const unsigned before = owned(RL_INFO);
    ron::flavor::DenseRing<std::uint64_t>::Writer writer{state.dense()};
    RL_ASSERT(writer.published() == before);
    static_cast<void>(writer.publish(message_of(index, 0)));
    owned(RL_INFO) = before + 1;
    ++published;
    state.return_sole_right();
  }
  void after() override { RL_ASSERT(state.tail() == published); }
};

/// The last handle that goes closes the bus, behind what all of them published.
struct LastHandle : models::Model<2> {
  State state{config_of(FenceKind::Membarrier, false)};
  std::array<ron::flavor::SharedRing<std::uint64_t>::Writer, 2> writers{
      ron::flavor::SharedRing<std::uint64_t>::Writer{state.shared()},
      ron::flavor::SharedRing<std::uint64_t>::Writer{state.shared()}};

  LastHandle() {
    state.add_handle();
    state.add_handle();
  }
  void thread(unsigned index) override {
    RL_ASSERT(writers[index].commit(writers[index].prepare(message_of(index, 0))) ==
              ron::kernel::CommitStatus::Done);
    state.remove_handle();
  }
  void after() override {
    RL_ASSERT(state.is_closed());
    RL_ASSERT(state.tail() == 2);
    ron::flavor::SharedRing<std::uint64_t>::Reader reader{state.shared(), 2};
    RL_ASSERT(reader.read([](std::uint64_t) {}) == ReadStatus::Closed);
  }
};

/// Who finds the bus closed finds its ring closed.
struct Closed : models::Model<2> {
  State state{config_of(FenceKind::Membarrier, false)};

  void thread(unsigned index) override {
    if (index == 0) return state.close();
    if (!state.is_closed()) return;
    ron::flavor::SharedRing<std::uint64_t>::Reader reader{state.shared(), 0};
    RL_ASSERT(reader.read([](std::uint64_t) {}) == ReadStatus::Closed);
  }
};

/// A record that has had one subscriber and gets another, while somebody asks.
struct Records : models::Model<2> {
  Subscriptions subscriptions{FenceKind::Membarrier};
  Subscription* record = nullptr;
  std::uint64_t received = 0;  ///< by all subscribers
  std::uint64_t missed = 0;

  Records() {
    record = subscriptions.claim(false, "ann");
    subscriptions.join(*record, [] { return Sequence{10}; });
    record->show_filtered(1);
    record->show_lag(2);
    record->owner().woken();
    received = 0;
    missed = 2;
    record->show(13);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      ++received;
      record->show(14);
      subscriptions.leave(*record);
      subscriptions.release(*record);
      record = subscriptions.claim(false, "ben");
      subscriptions.join(*record, [] { return Sequence{20}; });
    } else {
      for (const ron::SubscriberInfo& info : subscriptions.infos(kCapacity)) check(info);
    }
  }
  static void check(const ron::SubscriberInfo& info) {
    if (info.name == "ann") {
      RL_ASSERT(info.id == 0);
      RL_ASSERT(info.filtered == 1 && info.missed == 2 && info.lags == 1 && info.wakeups == 1);
      RL_ASSERT(info.next_sequence == 13 + info.received);
    } else {
      RL_ASSERT(info.name == "ben" && info.id == 1);
      RL_ASSERT(info.filtered == 0 && info.missed == 0 && info.lags == 0 && info.wakeups == 0);
      RL_ASSERT(info.next_sequence == 20 && info.received == 0);
    }
  }
};

/// The same, one word at a time: it is of the subscriber that is told by the generation.
struct RecordWords : models::Model<2> {
  using Word = std::uint64_t (*)(const Subscription&);
  static inline Word word_of;
  static inline std::array<std::uint64_t, 3> expected;  ///< of the first; of the second, at last

  Subscriptions subscriptions{FenceKind::Membarrier};
  Subscription* record = nullptr;
  std::uint32_t first = 0;

  void begin(const char* name, std::uint64_t number) {
    record = subscriptions.claim(false, name);
    subscriptions.join(*record, [&] { return Sequence{number}; });
    record->show_filtered(number);
    record->show_lag(number);
    record->owner().woken();
  }
  RecordWords() {
    begin("ann", 10);
    record->show_lag(10);
    record->owner().woken();
    first = record->generation();
  }
  void thread(unsigned index) override {
    if (index == 0) {
      subscriptions.leave(*record);
      subscriptions.release(*record);
      begin("ben", 20);
    } else {
      // As infos() does.
      const std::uint32_t generation = record->generation();
      const Sequence cursor = record->cursor();
      const std::uint64_t word = word_of(*record);
      if (cursor == Subscription::kNobody || record->generation() != generation) return;
      if (generation == first) {
        RL_ASSERT(word == expected[0]);
      } else {
        RL_ASSERT(word == expected[1] || word == expected[2]);
      }
    }
  }
};

template <RecordWords::Word word, std::uint64_t first, std::uint64_t second, std::uint64_t last>
struct RecordWord {
  static models::Outcome run() {
    RecordWords::word_of = word;
    RecordWords::expected = {first, second, last};
    return decltype(models::bounded<RecordWords, 2>)::run();
  }
};
template <RecordWords::Word word, std::uint64_t first, std::uint64_t second, std::uint64_t last>
inline constexpr RecordWord<word, first, second, last> record_word;

/// What all users of a record did is never told too high.
struct Totals : models::Model<2> {
  Subscriptions subscriptions{FenceKind::Membarrier};
  Subscription* record = nullptr;

  Totals() {
    record = subscriptions.claim(false, "ann");
    subscriptions.join(*record, [] { return Sequence{0}; });
  }
  void thread(unsigned index) override {
    if (index == 0) {
      static_cast<void>(record->lag_log().lost(1, 3, 1, kCapacity));
      record->show_lag(1);
      record->show_filtered(1);
      record->show(3);
      subscriptions.leave(*record);
      subscriptions.release(*record);
      record = subscriptions.claim(false, "ben");
      subscriptions.join(*record, [] { return Sequence{8}; });
    } else {
      const ron::flavor::Tally total = record->total();
      RL_ASSERT(total.received <= 1 && total.missed <= 1 && total.lags <= 1);
      RL_ASSERT(total.filtered <= 1 && total.episodes <= 1);
    }
  }
  void after() override {
    const ron::flavor::Tally total = record->total();
    RL_ASSERT(total.received == 1 && total.missed == 1 && total.lags == 1);
    RL_ASSERT(total.filtered == 1 && total.episodes == 1);
  }
};

/// Episodes of loss, read while they change.
struct Episodes : models::Model<2> {
  ron::flavor::LagLog log;

  void thread(unsigned index) override {
    if (index == 0) {
      static_cast<void>(log.lost(1, 3, 10, kCapacity));
      log.caught_up();
      log.retire({'a'}, 1);
      log.begin();
      static_cast<void>(log.lost(5, 6, 30, kCapacity));
      log.retire({'b'}, 5);
    } else {
      const auto reading = log.read(0, kCapacity);
      if (reading.last) {
        RL_ASSERT(reading.last->missed == (reading.most_behind == 3 ? 1 : 5));
        if (reading.most_behind == 6) RL_ASSERT(reading.worst.missed != 0);
      }
      RL_ASSERT(reading.worst.most_behind == (reading.worst.missed == 1   ? 3
                                              : reading.worst.missed == 5 ? 6
                                                                          : 0));
      RL_ASSERT(reading.worst.name[0] == (reading.worst.missed == 1   ? 'a'
                                          : reading.worst.missed == 5 ? 'b'
                                                                      : 0));
    }
  }
};

constexpr auto kMembarrier = FenceKind::Membarrier;
constexpr auto kPortable = FenceKind::SeqCst;

using models::bounded;
using models::random;
using models::Registered;

const std::array all{
    Registered{"attending_arrival", Size::Full, bounded<Attending<kMembarrier, true>, 4>},
    Registered{"attending_arrival_portable", Size::Full, bounded<Attending<kPortable, true>, 4>},
    Registered{"attending_leaving", Size::Full, bounded<Attending<kMembarrier, false>, 4>},
    Registered{"attending_unheard", Size::Full, bounded<Unheard, 4>},
    Registered{"attending_handover", Size::Full, bounded<Handover, 4>},
    Registered{"counting", Size::Full, bounded<Counting<Word, kMembarrier, true>, 5>},
    Registered{"counting_portable", Size::Full, bounded<Counting<Word, kPortable, true>, 5>},
    Registered{"counting_swaps", Size::Full, bounded<Counting<Word, kMembarrier, false>, 5>},
    Registered{"counting_swaps_copied", Size::Full,
               bounded<Counting<models::Twice, kMembarrier, false>, 5>},
    Registered{"counting_swaps_batched", Size::Full,
               bounded<Counting<Word, kMembarrier, false, ron::BusMode::Batched>, 5>},
    Registered{"sole_right", Size::Full, bounded<SoleRight, 5>},
    Registered{"last_handle", Size::Full, bounded<LastHandle, 3>},
    Registered{"closed", Size::Full, bounded<Closed, 5>},
    Registered{"records", Size::Full, random<Records, 100000>},
    Registered{"records_name", Size::Full,
               record_word<[](const Subscription& record) {
                 return static_cast<std::uint64_t>(record.name().front());
               },
                           'a', 'b', 'b'>},
    Registered{
        "records_start", Size::Full,
        record_word<[](const Subscription& record) { return record.started_at(); }, 10, 20, 20>},
    Registered{"records_id", Size::Full,
               record_word<[](const Subscription& record) { return record.id(); }, 0, 1, 1>},
    Registered{
        "records_filtered", Size::Full,
        record_word<[](const Subscription& record) { return record.filtered(); }, 10, 0, 20>},
    Registered{"records_missed", Size::Full,
               record_word<[](const Subscription& record) { return record.missed(); }, 10, 0, 20>},
    Registered{"records_lags", Size::Full,
               record_word<[](const Subscription& record) { return record.lags(); }, 2, 0, 1>},
    Registered{"records_wakeups", Size::Full,
               record_word<[](const Subscription& record) { return record.wakeups(); }, 2, 0, 1>},
    Registered{"records_totals", Size::Full, bounded<Totals, 2>},
    Registered{"records_episodes", Size::Full, random<Episodes, 100000>},
};

}  // namespace
