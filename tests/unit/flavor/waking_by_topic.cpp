// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A publish wakes those who are interested in what it is about.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/builder.hpp>
#include <ronbus/flavor/bus_state.hpp>
#include <ronbus/flavor/classic.hpp>

namespace ron::flavor {
namespace {

// A message about one topic, in each storage.
struct OneWord {
  std::uint64_t topics = 0;
};
struct TwoWords {
  std::uint64_t topics = 0;
  std::uint64_t rest = 0;
};
struct Letter {
  std::uint64_t topics = 0;
  std::string text{};
};
Interest ron_interest(const OneWord& message) noexcept { return message.topics; }
Interest ron_interest(const TwoWords& message) noexcept { return message.topics; }
Interest ron_interest(const Letter& message) noexcept { return message.topics; }

template <class T, bool Single>
struct Storage {
  using Message = T;
  static constexpr bool kSingle = Single;
};

template <class Storage>
class WakingByTopic : public testing::Test {
 protected:
  using Message = typename Storage::Message;

  static constexpr Interest kOurs = 0b0110;
  static constexpr Interest kOther = 0b1000;

  WakingByTopic() {
    state_.waiters().set_interest(*waiter_, kOurs);
    arm();
  }
  ~WakingByTopic() override { state_.waiters().release(*waiter_); }

  void arm() { ticket_ = state_.waiters().arm(*waiter_); }
  /// Whether it was woken; if so, waits again.
  bool was_woken() {
    const bool woken = std::exchange(fired_, false);
    if (woken) {
      EXPECT_TRUE(state_.waiters().end(*waiter_, ticket_));
      arm();
    }
    return woken;
  }
  static std::vector<Message> batch(const std::vector<Interest>& topics) {
    std::vector<Message> messages;
    for (const Interest about : topics) messages.push_back(Message{about});
    return messages;
  }

  BusState<Message> state_{BusBuilder{}
                               .environment([](std::string_view) { return std::nullopt; })
                               .cap(256)
                               .single_publisher(Storage::kSingle)
                               .config()
                               .value()};
  ClassicOutlet<Message> outlet_{state_};
  bool fired_ = false;
  wait::Owner owner_;
  wait::Waiter* waiter_ = state_.waiters().claim(
      owner_,
      {.fire = [](void* fired, wait::Ticket) noexcept { return *static_cast<bool*>(fired) = true; },
       .drop = nullptr,
       .context = &fired_});
  wait::Ticket ticket_ = 0;
};

using Storages = testing::Types<Storage<OneWord, true>, Storage<OneWord, false>,
                                Storage<TwoWords, false>, Storage<Letter, false>>;
TYPED_TEST_SUITE(WakingByTopic, Storages);

TYPED_TEST(WakingByTopic, a_message_wakes_who_is_interested_however_it_is_published) {
  using T = typename TypeParam::Message;
  T message{this->kOther};
  this->outlet_.publish(T{this->kOther});
  this->outlet_.publish(std::as_const(message));
  EXPECT_TRUE(this->outlet_.try_publish(std::as_const(message)));
  EXPECT_TRUE(this->outlet_.try_publish(std::move(message)));
  EXPECT_FALSE(this->was_woken());
  message = T{this->kOurs};
  this->outlet_.publish(std::as_const(message));
  EXPECT_TRUE(this->was_woken());
  EXPECT_TRUE(this->outlet_.try_publish(std::as_const(message)));
  EXPECT_TRUE(this->was_woken());
  this->outlet_.publish(std::move(message));
  EXPECT_TRUE(this->was_woken());
}

TYPED_TEST(WakingByTopic, what_is_made_in_place_is_about_everything) {
  this->outlet_.publish();
  EXPECT_TRUE(this->was_woken());
}

TYPED_TEST(WakingByTopic, a_batch_is_about_all_that_its_messages_are) {
  using T = typename TypeParam::Message;
  const auto publish = [this](std::vector<T> messages) {
    const std::size_t count = messages.size();
    if (count % 2 == 0) {
      this->outlet_.publish_many(messages.begin(), count);
    } else {
      auto next = std::move_iterator{messages.begin()};
      EXPECT_EQ(this->outlet_.try_publish_many(next, count), count);
    }
    return this->was_woken();
  };
  for (const Interest other : {this->kOther, Interest{0}}) {
    EXPECT_FALSE(publish(this->batch({other, other})));
    EXPECT_FALSE(publish(this->batch({other, other, other})));
    EXPECT_TRUE(publish(this->batch({other, 0b10})));
    EXPECT_TRUE(publish(this->batch({other, 0b100, other})));
  }
}

TYPED_TEST(WakingByTopic, close_wakes_whoever_waits) {
  this->state_.close();
  EXPECT_TRUE(this->was_woken());
}

}  // namespace
}  // namespace ron::flavor
