// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random programs on a bus, each step compared with a model that is too simple to be wrong: the
// number of messages published, and a cursor for every subscriber. A failing program is shrunk.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "any_bus.hpp"

namespace ron::test {
namespace {

enum class Action : std::uint8_t {
  Publish,
  Emplace,
  PublishMany,
  TryPublish,
  TryPublishMany,
  WaitPublish,
  Subscribe,
  SubscribeGating,
  Resubscribe,
  DropSubscriber,
  Receive,
  ReceiveAgain,  // twice, so that programs read about as much as they write
  Hold,
  DropHeld,
  NewPublisher,
  DropPublisher,
  CopyBus,
  DropCopy,
  Close,
};
constexpr int kActions = static_cast<int>(Action::Close) + 1;

/// One step: what to do, and two numbers from which it picks whom and how much.
struct Step {
  int action = 0;
  unsigned who = 0;
  unsigned much = 0;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  constexpr const char* kNames[] = {"publish",
                                    "emplace",
                                    "publish_many",
                                    "try_publish",
                                    "try_publish_many",
                                    "publish_wait",
                                    "subscribe",
                                    "subscribe gating",
                                    "resubscribe",
                                    "drop subscriber",
                                    "receive",
                                    "receive",
                                    "hold",
                                    "drop held",
                                    "new publisher",
                                    "drop publisher",
                                    "copy bus",
                                    "drop copy",
                                    "close"};
  return out << kNames[step.action] << " " << step.who << " " << step.much;
}

rc::Gen<std::vector<Step>> programs() {
  // Closing ends the interesting part: rarely.
  const auto action = rc::gen::mapcat(rc::gen::inRange(0, 100), [](int percent) {
    return percent == 0 ? rc::gen::just(kActions - 1) : rc::gen::inRange(0, kActions - 1);
  });
  const auto step = rc::gen::build<Step>(rc::gen::set(&Step::action, action),
                                         rc::gen::set(&Step::who, rc::gen::inRange(0U, 60U)),
                                         rc::gen::set(&Step::much, rc::gen::inRange(0U, 60U)));
  return rc::gen::scale(3.0, rc::gen::container<std::vector<Step>>(step));
}

class Comparison {
 public:
  Comparison(Storage storage, std::size_t capacity, FencePolicy fence, BusMode mode)
      : storage_{storage}, capacity_{capacity}, batched_{is_batched(mode)} {
    handles_.push_back(make_bus({.storage = storage,
                                 .capacity = capacity,
                                 .fence = fence,
                                 .mode = mode,
                                 .flush_threshold = kFlushThreshold}));
  }

  void step(const Step& step) {
    switch (static_cast<Action>(step.action)) {
      case Action::Publish:
        return publish_one(step, [](AnyOutlet& outlet, Id id) { return outlet.publish(id); });
      case Action::Emplace:
        return publish_one(step, [](AnyOutlet& outlet, Id id) { return outlet.emplace(id); });
      case Action::PublishMany: {
        settle();
        const std::vector<Id> ids = batch(step.much);
        return publish(step, ids.size(),
                       [&](AnyOutlet& outlet) { return outlet.publish_many(ids); });
      }
      case Action::TryPublish:
        settle();
        return try_publish(step, PublishError::Full,
                           [&](AnyOutlet& outlet) { return outlet.try_publish(published_); });
      case Action::WaitPublish:
        settle();
        return try_publish(step, PublishError::Timeout, [&](AnyOutlet& outlet) {
          return outlet.publish_wait(published_, std::chrono::nanoseconds{0}, {});
        });
      case Action::TryPublishMany:
        settle();
        return try_publish_many(step);
      case Action::Subscribe:
        return add_subscriber(bus(step.who).subscribe(false), false);
      case Action::SubscribeGating:
        // One in three, so that some runs have none.
        return add_subscriber(bus(step.who).subscribe(step.much % 3 == 0), step.much % 3 == 0);
      case Action::Resubscribe:
        if (subscribers_.empty()) return;
        return add_subscriber(any(subscribers_, step.who).real->resubscribe(),
                              any(subscribers_, step.who).gating);
      case Action::DropSubscriber:
        return drop(subscribers_, step.who);
      case Action::Receive:
      case Action::ReceiveAgain:
        if (!subscribers_.empty()) receive(any(subscribers_, step.who), step.much);
        return;
      case Action::Hold:
        if (!subscribers_.empty()) hold(any(subscribers_, step.who));
        return;
      case Action::DropHeld:
        return drop(held_, step.who);
      case Action::NewPublisher: {
        settle();
        auto publisher = bus(step.who).publisher();
        if (is_sole(storage_) && !publishers_.empty()) {
          RC_ASSERT(!publisher.has_value());
          RC_ASSERT(publisher.error() == PublishError::Busy);
        } else {
          publishers_.push_back(std::move(publisher.value()));
        }
        return;
      }
      case Action::DropPublisher:
        settle();
        return drop(publishers_, step.who);
      case Action::CopyBus:
        handles_.push_back(bus(step.who).copy());
        return;
      case Action::DropCopy:
        if (handles_.size() > 1) drop(handles_, step.who);
        return;
      case Action::Close:
        bus(step.who).close();
        closed_ = true;
        return;
    }
  }

  /// What can be seen from outside is what the model says.
  void check() {
    AnyBus& bus = *handles_.front();
    RC_ASSERT(bus.published() == published_);
    RC_ASSERT(bus.refused() == refused_);
    RC_ASSERT(bus.is_closed() == closed_);
    RC_ASSERT(bus.subscriber_count() == subscribers_.size());
    RC_ASSERT(bus.publisher_count() == publishers_.size());
    for (const Model& model : subscribers_) {
      RC_ASSERT(model.real->next_sequence() == model.cursor);
      RC_ASSERT(model.real->lag() == published_ - model.cursor);
      RC_ASSERT(model.real->missed() == model.missed);
      RC_ASSERT(model.real->received() + model.missed == model.cursor - model.start);
      RC_ASSERT(model.real->is_gating() == model.gating);
    }
    for (const auto& [id, held] : held_) RC_ASSERT(held->id() == id);
  }

  /// Without publishing handles the bus closes; everybody reads what is retained, then Closed.
  void finish() {
    settle();
    publishers_.clear();
    handles_.clear();
    closed_ = true;
    for (Model& model : subscribers_) {
      for (std::size_t i = 0; i < capacity_ + 3; ++i) receive(model, static_cast<unsigned>(i));
      RC_ASSERT(model.real->receive_one(Way::Poll) == kClosed);
    }
    subscribers_.clear();
    for (const auto& [id, held] : held_) RC_ASSERT(held->id() == id);
  }

 private:
  struct Model {
    std::unique_ptr<AnySubscriber> real;
    bool gating = false;
    std::uint64_t start = 0;
    std::uint64_t cursor = 0;
    std::uint64_t missed = 0;
  };

  template <class T>
  static T& any(std::vector<T>& all, unsigned who) {
    return all[who % all.size()];
  }
  template <class T>
  static void drop(std::vector<T>& all, unsigned who) {
    if (!all.empty()) all.erase(all.begin() + who % static_cast<std::ptrdiff_t>(all.size()));
  }
  AnyBus& bus(unsigned who) { return *any(handles_, who); }

  /// A publisher, or the bus itself.
  std::pair<AnyOutlet*, bool> outlet(unsigned who) {
    const std::size_t index = who % (publishers_.size() + 1);
    if (index < publishers_.size()) return {publishers_[index].get(), true};
    return {&bus(who), publishers_.empty() || !is_sole(storage_)};
  }
  [[nodiscard]] std::vector<Id> batch(unsigned much) const {
    std::vector<Id> ids;
    for (Id i = 0; i <= much % 11; ++i) ids.push_back(published_ + i);
    return ids;
  }

  /// Of a publisher in a batched mode it is staged, and counts once it is handed over.
  template <class Publish>
  void publish_one(const Step& step, const Publish& call) {
    AnyOutlet* const to = outlet(step.who).first;
    if (to != stager_) settle();
    const bool stages = batched_ && !publishers_.empty() &&
                        step.who % (publishers_.size() + 1) < publishers_.size();
    if (!stages) {
      return publish(step, 1, [&](AnyOutlet& outlet) { return call(outlet, published_); });
    }
    const std::size_t covered = call(*to, published_ + staged_);
    stager_ = to;
    ++staged_;
    if (closed_) {
      RC_ASSERT(covered == 0U);
      refused_ += std::exchange(staged_, 0);
      return;
    }
    RC_ASSERT(covered == subscribers_.size());
    if (staged_ == kFlushThreshold) published_ += std::exchange(staged_, 0);
  }

  /// What is staged is published, or refused if the bus was closed meanwhile.
  void settle() {
    if (stager_ == nullptr) return;
    RC_ASSERT(stager_->staged() == staged_);
    RC_ASSERT(stager_->flush() == (closed_ ? 0 : staged_));
    (closed_ ? refused_ : published_) += std::exchange(staged_, 0);
    stager_ = nullptr;
  }

  template <class Publish>
  void publish(const Step& step, std::size_t count, const Publish& call) {
    const auto [to, free] = outlet(step.who);
    const std::size_t covered = call(*to);
    if (closed_ || !free) {
      RC_ASSERT(covered == 0U);
      refused_ += count;
      return;
    }
    RC_ASSERT(covered == subscribers_.size());
    published_ += count;
  }

  /// How many messages no gating subscriber holds up.
  [[nodiscard]] std::uint64_t room() const {
    std::uint64_t room = ~std::uint64_t{0};
    for (const Model& model : subscribers_) {
      if (!model.gating) continue;
      const std::uint64_t limit = model.cursor + capacity_;
      room = std::min(room, limit > published_ ? limit - published_ : 0);
    }
    return room;
  }

  template <class Publish>
  void try_publish(const Step& step, PublishError no_room, const Publish& call) {
    const auto [to, free] = outlet(step.who);
    const Sent sent = call(*to);
    RC_ASSERT(sent.kept);
    if (!free) {
      RC_ASSERT(sent.failed_with(PublishError::Busy));
    } else if (closed_) {
      RC_ASSERT(sent.failed_with(PublishError::Closed));
      ++refused_;
    } else if (room() == 0) {
      RC_ASSERT(sent.failed_with(no_room));
    } else {
      RC_ASSERT(sent.result.has_value());
      RC_ASSERT(*sent.result == subscribers_.size());
      ++published_;
    }
  }

  void try_publish_many(const Step& step) {
    if (publishers_.empty()) return;
    const std::vector<Id> ids = batch(step.much);
    const Sent sent = any(publishers_, step.who)->try_publish_many(ids);
    RC_ASSERT(sent.kept);
    if (closed_) {
      RC_ASSERT(sent.failed_with(PublishError::Closed));
      refused_ += ids.size();
    } else if (room() == 0) {
      RC_ASSERT(sent.failed_with(PublishError::Full));
    } else {
      RC_ASSERT(sent.result.has_value());
      RC_ASSERT(*sent.result == std::min<std::uint64_t>(ids.size(), room()));
      published_ += *sent.result;
    }
  }

  void add_subscriber(std::unique_ptr<AnySubscriber> real, bool gating) {
    subscribers_.push_back({std::move(real), gating, published_, published_, 0});
  }

  /// Tells what the next message is, or takes note of the error that is there instead.
  [[nodiscard]] Got expect(Model& model) const {
    const std::uint64_t lag = published_ - model.cursor;
    if (lag > capacity_) {
      model.cursor += lag - capacity_;
      model.missed += lag - capacity_;
      return lagged(lag - capacity_);
    }
    if (lag > 0) return message(model.cursor);
    return closed_ ? kClosed : kEmpty;
  }

  void receive(Model& model, unsigned much) {
    Way way = kAllWays[much % std::size(kAllWays)];
    if (!supports(storage_, way)) way = Way::Poll;
    const bool batch = way == Way::TryRecvMany || way == Way::RecvMany || way == Way::Poll;
    const std::size_t limit = batch ? 1 + much % 9 : 1;
    std::vector<Got> out;
    model.real->receive(way, limit, out);
    const Got first = expect(model);
    if (first.kind != Got::Message) {
      RC_ASSERT(out.size() == 1U);
      if (first.is_nothing()) {
        RC_ASSERT(out.front().is_nothing());
      } else {
        RC_ASSERT(out.front() == first);
      }
      return;
    }
    RC_ASSERT(out.size() == std::min<std::uint64_t>(limit, published_ - model.cursor));
    for (const Got& got : out) RC_ASSERT(got == message(model.cursor++));
  }

  void hold(Model& model) {
    auto held = model.real->hold();
    const Got expected = expect(model);
    RC_ASSERT((held != nullptr) == (expected.kind == Got::Message));
    if (held == nullptr) return;
    RC_ASSERT(held->id() == expected.value);
    held_.emplace_back(expected.value, std::move(held));
    ++model.cursor;
  }

  static constexpr std::size_t kFlushThreshold = 3;

  Storage storage_;
  std::size_t capacity_;
  bool batched_;
  AnyOutlet* stager_ = nullptr;  ///< who published last, if it stages
  std::size_t staged_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t refused_ = 0;
  bool closed_ = false;
  std::vector<std::unique_ptr<AnyBus>> handles_;
  std::vector<std::unique_ptr<AnyOutlet>> publishers_;
  std::vector<Model> subscribers_;
  std::vector<std::pair<Id, std::unique_ptr<AnyHeld>>> held_;
};

class BusModel : public testing::TestWithParam<std::tuple<Storage, std::size_t>> {};

INSTANTIATE_TEST_SUITE_P(
    All, BusModel, testing::Combine(testing::ValuesIn(kAllStorages), testing::Values(2, 4, 8)),
    [](const auto& which) {
      return name_of(std::get<0>(which.param)) + "_" + std::to_string(std::get<1>(which.param));
    });

TEST_P(BusModel, predicts_every_program) {
  const auto [storage, capacity] = GetParam();
  EXPECT_TRUE(rc::check("the bus does what the model says", [storage, capacity] {
    const bool portable = *rc::gen::arbitrary<bool>();
    const BusMode mode =
        *rc::gen::elementOf(std::vector<BusMode>{std::begin(kAllModes), std::end(kAllModes)});
    const std::vector<Step> program = *programs();
    Comparison run{storage, capacity, portable ? FencePolicy::Portable : FencePolicy::Auto, mode};
    for (const Step& step : program) {
      run.step(step);
      run.check();
    }
    run.finish();
  }));
}

}  // namespace
}  // namespace ron::test
