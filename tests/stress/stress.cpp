// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Many threads on one bus. What must hold at the end does not depend on how they were scheduled:
// all subscribers agree on one order, nothing is invented, doubled or lost without being counted,
// and nothing is added after a close. Bounded by counts, never by time.
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "payloads.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

template <class T, bool Sole>
struct Kind {
  using Message = T;
  static constexpr bool kSole = Sole;

  static Bus<T> open(std::size_t capacity, FencePolicy fence = FencePolicy::Auto,
                     BusMode mode = BusMode::Classic) {
    return BusBuilder{}
        .environment([](std::string_view) { return std::nullopt; })
        .cap(capacity)
        .fence(fence)
        .mode(mode)
        .single_publisher(Sole)
        .template build<T>()
        .value();
  }
  /// As many as asked for, or the one that there may be.
  static std::size_t publishers(std::size_t count) { return Sole ? 1 : count; }
};

struct KindNames {
  template <class K>
  static std::string GetName(int /*index*/) {
    const std::string type = std::is_same_v<typename K::Message, Id>             ? "Word"
                             : std::is_same_v<typename K::Message, Words24Bytes> ? "Struct24"
                             : std::is_same_v<typename K::Message, Words48Bytes> ? "Struct48"
                                                                                 : "String";
    return (K::kSole ? "Sole" : "Shared") + type;
  }
};

/// Who published a message, and as the how-manyth of its own.
constexpr Id id_by(std::size_t publisher, std::uint64_t number) {
  return (Id{publisher} << 40U) | number;
}
constexpr std::size_t publisher_of(Id id) { return id >> 40U; }

/// The order as the subscribers see it: the first to receive a sequence writes down what it was,
/// all others must have received the same.
class Order {
 public:
  explicit Order(std::size_t most) : ids_(most) {
    for (auto& id : ids_) id.store(kTorn, std::memory_order_relaxed);
  }

  void note(std::uint64_t sequence, Id id) {
    Id known = kTorn;
    if (sequence >= ids_.size() || id == kTorn) {
      ++wrong_;
    } else if (!ids_[sequence].compare_exchange_strong(known, id, std::memory_order_relaxed)) {
      wrong_ += known != id;
    }
  }

  /// Nothing was disagreed on, and nobody received a message at two places.
  void check() const {
    EXPECT_EQ(wrong_, 0U) << "received what was never published, or another order";
    std::vector<Id> seen;
    for (const auto& id : ids_) {
      if (id.load() != kTorn) seen.push_back(id.load());
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end()) << "received twice";
  }

 private:
  std::vector<std::atomic<Id>> ids_;
  std::atomic<std::size_t> wrong_{0};
};

/// A subscriber that checks what every subscriber may rely on.
template <class T>
class Witness {
 public:
  /// `order` may be left out where nobody is there to agree with.
  explicit Witness(Subscriber<T> subscriber, Order* order = nullptr)
      : subscriber_{std::move(subscriber)},
        order_{order},
        start_{subscriber_.next_sequence()},
        last_(64, -1) {}

  /// Receives what is there, in a way that changes from call to call, at most about `limit`
  /// messages. False once the bus is closed.
  bool drain(std::size_t limit) {
    for (std::size_t i = 0; i < limit;) {
      std::optional<RecvError> error;
      switch (turn_++ % 4) {
        case 0: {
          const auto message = subscriber_.try_recv();
          if (message) took(id_of<T>(*message));
          if (!message) error = message.error();
          break;
        }
        case 1: {
          const auto count = subscriber_.poll(
              [this](const T& message) { took_at(next_++, id_of<T>(message)); }, 5);
          if (!count) error = count.error();
          break;
        }
        case 2: {
          const auto count = subscriber_.try_recv_many(batch_);
          for (std::size_t n = 0; count && n < *count; ++n) took_at(next_++, id_of<T>(batch_[n]));
          if (!count) error = count.error();
          break;
        }
        default: {
          const auto held = subscriber_.try_borrow();
          if (held) took(id_of<T>(**held));
          if (!held) error = held.error();
          break;
        }
      }
      if (!error) {
        ++i;
        continue;
      }
      if (*error == RecvError::Closed) return false;
      if (*error == RecvError::Empty) return true;
      note_lag(*error);
    }
    return true;
  }

  /// Receives until the bus is closed, asleep while there is nothing.
  void drain_asleep() {
    for (const auto& item : subscriber_) {
      if (item) {
        took(id_of<T>(*item));
      } else {
        note_lag(item.error());
      }
    }
  }

  /// At a quiet moment: everything since the start was received or missed, as counted here and
  /// there.
  void check(std::uint64_t published) const {
    EXPECT_EQ(disorder_, 0U) << "a publisher's messages out of order";
    EXPECT_EQ(received_ + missed_ + subscriber_.lag(), published - start_);
    EXPECT_EQ(subscriber_.received(), received_);
    EXPECT_EQ(subscriber_.missed(), missed_);
    EXPECT_EQ(subscriber_.next_sequence(), next_);
  }

  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::uint64_t missed() const { return missed_; }
  [[nodiscard]] std::uint64_t lag() const { return subscriber_.lag(); }

 private:
  void took(Id id) { took_at(next_++, id); }
  void took_at(std::uint64_t sequence, Id id) {
    ++received_;
    if (order_ != nullptr) order_->note(sequence, id);
    auto& last = last_[publisher_of(id) % last_.size()];
    const auto number = static_cast<std::int64_t>(id & ((Id{1} << 40U) - 1));
    disorder_ += number <= last;
    last = number;
  }
  void note_lag(const RecvError& error) {
    ASSERT_EQ(error, RecvError::Lagged) << error.message();
    missed_ += error.missed();
    next_ += error.missed();
  }

  Subscriber<T> subscriber_;
  Order* order_;
  std::uint64_t start_;
  std::uint64_t next_ = start_;
  std::uint64_t received_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t disorder_ = 0;
  std::size_t turn_ = 0;
  std::vector<std::int64_t> last_;
  std::vector<T> batch_ = std::vector<T>(9, make<T>(0));
};

/// Publishes `count` messages in the name of `who`, one by one and in batches.
template <class T, class Outlet>
void publish_all(Outlet& outlet, std::size_t who, std::uint64_t count) {
  std::vector<T> batch;
  for (std::uint64_t number = 0; number < count;) {
    if (number % 64 < 48) {
      outlet.publish(make<T>(id_by(who, number++)));
      continue;
    }
    batch.clear();
    for (std::size_t i = 0; i < 11 && number < count; ++i) {
      batch.push_back(make<T>(id_by(who, number++)));
    }
    outlet.publish_many(batch);
  }
}

template <class K>
class Stress : public testing::Test {
 protected:
  /// Strings cost some ten times as much.
  static std::uint64_t count(std::size_t full) {
    return std::max<std::uint64_t>(
        64, scaled(std::is_trivially_copyable_v<typename K::Message> ? full : full / 4));
  }
};

using Kinds =
    testing::Types<Kind<Id, false>, Kind<Id, true>, Kind<Words24Bytes, true>,
                   Kind<Words48Bytes, false>, Kind<std::string, false>, Kind<std::string, true>>;
TYPED_TEST_SUITE(Stress, Kinds, KindNames);

TYPED_TEST(Stress, all_subscribers_see_parts_of_one_order_and_count_the_rest) {
  using T = typename TypeParam::Message;
  // Publishers that go have flushed: the law is the same in every mode.
  constexpr std::pair<FencePolicy, BusMode> kFlavors[] = {
      {FencePolicy::Auto, BusMode::Classic},
      {FencePolicy::Portable, BusMode::Classic},
      {FencePolicy::Auto, BusMode::EdgeBatched}};
  for (const auto& [fence, mode] : kFlavors) {
    for (const std::size_t capacity : {std::size_t{2}, std::size_t{16}, std::size_t{1024}}) {
      const std::size_t publishers = TypeParam::publishers(2);
      const std::uint64_t each = this->count(60'000);
      const auto bus = TypeParam::open(capacity, fence, mode);
      Order order{publishers * each};
      std::vector<std::unique_ptr<Witness<T>>> witnesses;
      for (int i = 0; i < 3; ++i) {
        witnesses.push_back(std::make_unique<Witness<T>>(bus.subscribe(), &order));
      }
      {
        std::vector<std::jthread> readers;
        for (auto& witness : witnesses) {
          readers.emplace_back([&] {
            while (witness->drain(100)) {
              if (witness->lag() == 0) std::this_thread::yield();
            }
          });
        }
        std::vector<std::jthread> writers;
        for (std::size_t who = 0; who < publishers; ++who) {
          writers.emplace_back([&, who] {
            auto publisher = bus.publisher().value();
            publish_all<T>(publisher, who, each);
          });
        }
        writers.clear();
        EXPECT_EQ(bus.published(), publishers * each);
        bus.close();
      }
      order.check();
      for (const auto& witness : witnesses) witness->check(publishers * each);
    }
  }
}

TYPED_TEST(Stress, subscribers_and_publishers_come_and_go) {
  using T = typename TypeParam::Message;
  const std::uint64_t rounds = this->count(4'000) / 4;
  constexpr std::uint64_t kPerRound = 20;
  const std::size_t publishers = TypeParam::publishers(2);
  const auto bus = TypeParam::open(16);
  Order order{publishers * rounds * kPerRound};
  Witness<T> constant{bus.subscribe(), &order};
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> accounted{0};
  {
    std::jthread reader{[&] {
      while (constant.drain(100)) {
      }
    }};
    std::vector<std::jthread> visitors;
    for (int i = 0; i < 2; ++i) {
      visitors.emplace_back([&] {
        while (!done.load()) {
          const std::uint64_t before = bus.published();
          Witness<T> visitor{bus.subscribe(), &order};
          for (int n = 0; n < 3; ++n) visitor.drain(10);
          EXPECT_LE(visitor.received() + visitor.missed(), bus.published() - before);
          accounted += visitor.received() + visitor.missed();
        }
      });
    }
    std::vector<std::jthread> writers;
    for (std::size_t who = 0; who < publishers; ++who) {
      writers.emplace_back([&, who] {
        std::uint64_t number = 0;
        for (std::uint64_t round = 0; round < rounds; ++round) {
          std::optional<Publisher<T>> publisher{bus.publisher().value()};
          for (std::uint64_t i = 0; i < kPerRound - 1; ++i) {
            publisher->publish(make<T>(id_by(who, number++)));
          }
          publisher.reset();
          bus.publish(make<T>(id_by(who, number++)));
        }
      });
    }
    writers.clear();
    done = true;
    visitors.clear();
    bus.close();
  }
  EXPECT_EQ(bus.published(), publishers * rounds * kPerRound);
  EXPECT_EQ(bus.refused(), 0U);
  EXPECT_EQ(bus.subscriber_count(), 1U);
  EXPECT_EQ(bus.publisher_count(), 0U);
  order.check();
  constant.check(bus.published());
}

/// The closer publishes itself until then where it may: it need not wait for its turn to run.
TYPED_TEST(Stress, close_draws_one_line_through_publishes_in_flight) {
  using T = typename TypeParam::Message;
  const std::uint64_t rounds = this->count(240);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const auto bus = TypeParam::open(std::size_t{2} << round % 5);
    Witness<T> witness{bus.subscribe()};
    std::uint64_t accepted = 0;
    std::uint64_t mine = 0;
    std::atomic<bool> started{false};
    std::uint64_t at_close = 0;
    {
      const std::jthread writer{[&] {
        auto publisher = bus.publisher().value();
        publisher.publish(make<T>(id_by(0, accepted++)));
        started = true;
        while (publisher.publish(make<T>(id_by(0, accepted))) > 0) ++accepted;
      }};
      while (!started.load()) std::this_thread::yield();
      const std::uint64_t until = round * 7 % 40;
      if constexpr (TypeParam::kSole) {
        for (std::uint64_t spin = 0; spin < 10 * until; ++spin) sync::cpu_relax();
      } else {
        auto publisher = bus.publisher().value();
        while (mine < until) {
          ASSERT_GT(publisher.publish(make<T>(id_by(1, mine))), 0U);
          ++mine;
        }
      }
      bus.close();
      at_close = bus.published();
      EXPECT_EQ(bus.publish(make<T>(id_by(9, 0))), 0U);
    }
    ASSERT_EQ(bus.published(), at_close) << "something was added after the close";
    ASSERT_EQ(accepted + mine, at_close) << "told as published, or as refused, and was not";
    ASSERT_EQ(bus.refused(), 2U);
    while (witness.drain(1000)) {
    }
    witness.check(at_close);
    ASSERT_EQ(witness.lag(), 0U);
  }
}

TYPED_TEST(Stress, close_splits_batches_in_flight_at_one_line) {
  using T = typename TypeParam::Message;
  const std::uint64_t rounds = this->count(240);
  std::vector<T> batch;
  for (std::uint64_t i = 0; i < 40; ++i) batch.push_back(make<T>(i));
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const auto bus = TypeParam::open(std::size_t{2} << round % 5);
    auto subscriber = bus.subscribe();
    std::atomic<bool> started{false};
    std::uint64_t sent = 0;
    std::uint64_t at_close = 0;
    {
      const std::jthread writer{[&] {
        auto publisher = bus.publisher().value();
        started = true;
        do {
          sent += batch.size();
        } while (publisher.publish_many(batch) > 0);
      }};
      while (!started.load()) std::this_thread::yield();
      for (std::uint64_t spin = round * 37 % 400; spin > 0; --spin) sync::cpu_relax();
      bus.close();
      at_close = bus.published();
    }
    ASSERT_EQ(bus.published(), at_close);
    ASSERT_EQ(at_close + bus.refused(), sent);
    std::uint64_t expected = at_close > bus.capacity() ? at_close - bus.capacity() : 0;
    if (expected > 0) {
      ASSERT_EQ(subscriber.try_recv().error(), RecvError::lagged(expected));
    }
    while (auto message = subscriber.try_recv()) {
      ASSERT_EQ(id_of<T>(*message), expected++ % batch.size());
    }
    ASSERT_EQ(expected, at_close);
    ASSERT_EQ(subscriber.try_recv().error(), RecvError::Closed);
  }
}

TYPED_TEST(Stress, close_splits_what_is_staged_at_one_line) {
  using T = typename TypeParam::Message;
  const std::uint64_t rounds = this->count(240);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const auto bus =
        TypeParam::open(std::size_t{2} << round % 5, FencePolicy::Auto, BusMode::Batched);
    Witness<T> witness{bus.subscribe()};
    std::atomic<bool> started{false};
    std::uint64_t sent = 0;
    std::uint64_t at_close = 0;
    {
      const std::jthread writer{[&] {
        auto publisher = bus.publisher().value();
        started = true;
        while (publisher.publish(make<T>(id_by(0, sent++))) > 0) {
        }
        EXPECT_EQ(publisher.staged(), 0U);
      }};
      while (!started.load()) std::this_thread::yield();
      for (std::uint64_t spin = round * 37 % 400; spin > 0; --spin) sync::cpu_relax();
      bus.close();
      at_close = bus.published();
    }
    ASSERT_EQ(bus.published(), at_close);
    ASSERT_EQ(at_close + bus.refused(), sent);
    while (witness.drain(1000)) {
    }
    witness.check(at_close);
    ASSERT_EQ(witness.lag(), 0U);
  }
}

TYPED_TEST(Stress, gated_nothing_is_lost) {
  using T = typename TypeParam::Message;
  for (const std::size_t capacity : {std::size_t{2}, std::size_t{64}}) {
    const std::size_t publishers = TypeParam::publishers(2);
    const std::uint64_t each = this->count(capacity == 2 ? 6'000 : 60'000);
    const auto bus = TypeParam::open(capacity);
    Order order{publishers * each};
    std::vector<std::unique_ptr<Witness<T>>> witnesses;
    for (int i = 0; i < 3; ++i) {
      witnesses.push_back(std::make_unique<Witness<T>>(bus.subscribe({.gating = true}), &order));
    }
    {
      std::vector<std::jthread> readers;
      for (std::size_t i = 0; i < witnesses.size(); ++i) {
        readers.emplace_back([&, i] {
          if (i == 0) return witnesses[i]->drain_asleep();
          while (witnesses[i]->drain(100)) {
            if (witnesses[i]->lag() == 0) std::this_thread::yield();
          }
        });
      }
      std::vector<std::jthread> writers;
      for (std::size_t who = 0; who < publishers; ++who) {
        writers.emplace_back([&, who] {
          auto publisher = bus.publisher().value();
          std::vector<T> batch;
          for (std::uint64_t number = 0; number < each;) {
            if (number % 128 < 64) {
              EXPECT_TRUE(publisher.publish_wait(make<T>(id_by(who, number++))));
              continue;
            }
            batch.clear();
            for (std::size_t i = 0; i < 64 && number < each; ++i) {
              batch.push_back(make<T>(id_by(who, number++)));
            }
            EXPECT_EQ(publisher.publish_many_wait(batch), batch.size());
          }
        });
      }
      writers.clear();
      bus.close();
    }
    EXPECT_EQ(bus.published(), publishers * each);
    order.check();
    for (const auto& witness : witnesses) {
      witness->check(publishers * each);
      EXPECT_EQ(witness->missed(), 0U);
    }
  }
}

TYPED_TEST(Stress, gating_subscribers_that_come_and_go_lose_nothing_and_hold_up_nobody_for_ever) {
  using T = typename TypeParam::Message;
  const std::size_t publishers = TypeParam::publishers(2);
  const std::uint64_t each = this->count(20'000);
  const auto bus = TypeParam::open(4);
  Order order{publishers * each};
  std::atomic<bool> done{false};
  {
    std::vector<std::jthread> visitors;
    for (int i = 0; i < 2; ++i) {
      visitors.emplace_back([&] {
        while (!done.load()) {
          Witness<T> visitor{bus.subscribe({.gating = true}), &order};
          for (int n = 0; n < 5; ++n) visitor.drain(10);
          EXPECT_EQ(visitor.missed(), 0U);
        }
      });
    }
    std::vector<std::jthread> writers;
    for (std::size_t who = 0; who < publishers; ++who) {
      writers.emplace_back([&, who] {
        auto publisher = bus.publisher().value();
        for (std::uint64_t number = 0; number < each; ++number) {
          EXPECT_TRUE(publisher.publish_wait(make<T>(id_by(who, number))));
        }
      });
    }
    writers.clear();
    done = true;
  }
  EXPECT_EQ(bus.published(), publishers * each);
  order.check();
}

TYPED_TEST(Stress, sleepers_miss_no_wake_up) {
  using T = typename TypeParam::Message;
  const std::size_t publishers = TypeParam::publishers(2);
  const std::uint64_t each = this->count(10'000);
  const auto bus = TypeParam::open(64);
  Order order{publishers * each};
  std::vector<std::unique_ptr<Witness<T>>> witnesses;
  for (int i = 0; i < 3; ++i) {
    witnesses.push_back(std::make_unique<Witness<T>>(bus.subscribe(), &order));
  }
  {
    std::vector<std::jthread> readers;
    for (auto& witness : witnesses) readers.emplace_back([&] { witness->drain_asleep(); });
    std::vector<std::jthread> writers;
    for (std::size_t who = 0; who < publishers; ++who) {
      writers.emplace_back([&, who] {
        auto publisher = bus.publisher().value();
        for (std::uint64_t number = 0; number < each; ++number) {
          publisher.publish(make<T>(id_by(who, number)));
          // Long enough, now and then, for the readers to fall asleep.
          if (number % 16 == 0) std::this_thread::sleep_for(std::chrono::microseconds{20});
        }
      });
    }
    writers.clear();
    bus.close();
  }
  order.check();
  for (const auto& witness : witnesses) {
    witness->check(publishers * each);
    EXPECT_EQ(witness->lag(), 0U);
  }
}

/// Each message is the only one for a while: who sleeps through it would sleep for ever.
TYPED_TEST(Stress, a_message_and_its_answer_go_back_and_forth) {
  using T = typename TypeParam::Message;
  const std::uint64_t turns = this->count(20'000);
  const auto there = TypeParam::open(2);
  const auto back = TypeParam::open(2);
  auto hears_there = there.subscribe();
  auto hears_back = back.subscribe();
  const std::jthread echo{[&] {
    auto publisher = back.publisher().value();
    while (auto message = hears_there.recv()) publisher.publish(std::move(*message));
  }};
  auto publisher = there.publisher().value();
  for (std::uint64_t turn = 0; turn < turns; ++turn) {
    publisher.publish(make<T>(turn));
    const auto answer = hears_back.recv();
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(id_of<T>(*answer), turn);
  }
  there.close();
}

TYPED_TEST(Stress, what_is_held_or_visited_stays_whole_while_it_is_overwritten) {
  using T = typename TypeParam::Message;
  const std::uint64_t total = this->count(100'000);
  const auto bus = TypeParam::open(2);
  std::atomic<std::size_t> torn{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&, subscriber = bus.subscribe()]() mutable {
        std::vector<Borrowed<T>> held;
        std::vector<Id> ids;
        for (;;) {
          auto borrowed = subscriber.try_borrow();
          if (borrowed) {
            ids.push_back(id_of<T>(**borrowed));
            held.push_back(std::move(*borrowed));
          } else if (borrowed.error() == RecvError::Closed) {
            break;
          }
          (void)subscriber.try_visit([&](const T& message) {
            const Id first = id_of<T>(message);
            for (int n = 0; n < 20; ++n) sync::cpu_relax();
            torn += first == kTorn || id_of<T>(message) != first;
          });
          if (held.size() < 50) continue;
          for (std::size_t n = 0; n < held.size(); ++n) {
            torn += ids[n] == kTorn || id_of<T>(*held[n]) != ids[n];
          }
          held.erase(held.begin(), held.begin() + 25);
          ids.erase(ids.begin(), ids.begin() + 25);
        }
      });
    }
    std::vector<std::jthread> writers;
    const std::size_t publishers = TypeParam::publishers(2);
    for (std::size_t who = 0; who < publishers; ++who) {
      writers.emplace_back([&, who] {
        auto publisher = bus.publisher().value();
        publish_all<T>(publisher, who, total / publishers);
      });
    }
    writers.clear();
    bus.close();
  }
  EXPECT_EQ(torn, 0U);
}

TEST(StressSole, the_right_to_publish_is_nobodys_twice) {
  const auto bus = Kind<Id, true>::open(64);
  Order order{1'000'000};
  Witness<Id> witness{bus.subscribe({.gating = true}), &order};
  const std::uint64_t rounds = scaled(3'000);
  std::atomic<std::uint64_t> accepted{0};
  {
    const std::jthread reader{[&] {
      while (witness.drain(100)) {
      }
    }};
    std::vector<std::jthread> writers;
    for (std::size_t who = 0; who < 3; ++who) {
      writers.emplace_back([&, who] {
        std::uint64_t number = 0;
        for (std::uint64_t round = 0; round < rounds; ++round) {
          if (round % 3 == 0) {
            const auto sent = bus.try_publish(id_by(who, number));
            number += sent.has_value();
            continue;
          }
          auto publisher = bus.publisher();
          if (!publisher) {
            EXPECT_EQ(publisher.error(), PublishError::Busy);
            std::this_thread::yield();
            continue;
          }
          for (int i = 0; i < 5; ++i) {
            EXPECT_TRUE(publisher->publish_wait(id_by(who, number++)));
          }
        }
        accepted += number;
      });
    }
    writers.clear();
    bus.close();
  }
  EXPECT_EQ(bus.published(), accepted);
  EXPECT_EQ(witness.received(), accepted);
  order.check();
  witness.check(accepted);
}

}  // namespace
}  // namespace ron::test
