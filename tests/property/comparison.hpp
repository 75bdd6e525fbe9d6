// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A program of calls on a bus, each step compared with a model that is too simple to be wrong: the
// number of messages published, and a cursor for every subscriber with what it wants and what it
// does on lag.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <ostream>
#include <set>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "any_bus.hpp"

namespace ron::test {

/// Throws if bus and model differ.
inline void require(bool same,
                    const std::source_location& where = std::source_location::current()) {
  if (same) return;
  throw std::logic_error{"bus and model differ in " + std::string{where.file_name()} + ":" +
                         std::to_string(where.line())};
}

enum class Action : std::uint8_t {
  Publish,
  Emplace,
  PublishMany,
  TryPublish,
  TryPublishMany,
  WaitPublish,
  Subscribe,
  SubscribeGating,
  SubscribeInThePast,
  SubscribeAt,
  Resubscribe,
  Fork,
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
inline constexpr int kActions = static_cast<int>(Action::Close) + 1;

/// One step: what to do, and two numbers from which it picks whom and how much.
struct Step {
  int action = 0;
  unsigned who = 0;
  unsigned much = 0;
};

inline std::ostream& operator<<(std::ostream& out, const Step& step) {
  constexpr const char* kNames[] = {"publish",
                                    "emplace",
                                    "publish_many",
                                    "try_publish",
                                    "try_publish_many",
                                    "publish_wait",
                                    "subscribe",
                                    "subscribe gating",
                                    "subscribe in the past",
                                    "subscribe at",
                                    "resubscribe",
                                    "fork",
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

class Comparison {
 public:
  Comparison(Storage storage, std::size_t capacity, FencePolicy fence, BusMode mode,
             const MetricsCfg& metrics = {})
      : storage_{storage},
        capacity_{capacity},
        batched_{is_batched(mode)},
        measures_{metrics.sample_every > 0} {
    handles_.push_back(make_bus({.storage = storage,
                                 .capacity = capacity,
                                 .fence = fence,
                                 .mode = mode,
                                 .flush_threshold = kFlushThreshold,
                                 .metrics = metrics}));
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
        return subscribe(step, {});
      case Action::SubscribeGating:
        // One in three, so that some runs have none.
        return subscribe(step, {.gating = step.much % 3 == 0});
      case Action::SubscribeInThePast:
        return subscribe_in_the_past(step);
      case Action::SubscribeAt:
        return subscribe_at(step);
      case Action::Resubscribe:
      case Action::Fork:
        if (!subscribers_.empty()) copy(any(subscribers_, step.who), step);
        return;
      case Action::DropSubscriber:
        if (!subscribers_.empty()) take_note_of(any(subscribers_, step.who));
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
          require(!publisher.has_value());
          require(publisher.error() == PublishError::Busy);
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
    require(bus.published() == published_);
    require(bus.refused() == refused_);
    require(bus.is_closed() == closed_);
    require(bus.subscriber_count() == subscriber_count());
    require(bus.publisher_count() == publishers_.size());
    for (const Model& model : subscribers_) {
      require(model.real->next_sequence() == model.cursor);
      require(model.real->lag() == published_ - model.cursor);
      require(model.real->missed() == model.missed);
      require(model.real->filtered() == model.filtered);
      require(model.real->received() + model.missed + model.filtered == model.cursor - model.start);
      require(model.real->is_gating() == model.gating);
    }
    if (++checks_ % 16 == 0) check_what_others_see();
    for (const auto& [id, held] : held_) require(held->id() == id);
  }

  /// Without publishing handles the bus closes; everybody reads what is retained, then Closed.
  void finish() {
    settle();
    check_what_others_see();
    publishers_.clear();
    handles_.clear();
    closed_ = true;
    for (Model& model : subscribers_) {
      for (std::size_t i = 0; i < capacity_ + 3; ++i) receive(model, static_cast<unsigned>(i));
      require(model.real->receive_one(Way::Poll) == (model.ended ? kDisconnected : kClosed));
    }
    subscribers_.clear();
    for (const auto& [id, held] : held_) require(held->id() == id);
  }

 private:
  struct Model {
    std::unique_ptr<AnySubscriber> real = nullptr;
    std::string name = {};
    bool gating = false;
    OnLag on_lag = OnLag::ToOldest;
    Id unwanted = 0;  ///< what it does not want: multiples of this; nothing if 0
    std::uint64_t start = 0;
    std::uint64_t cursor = 0;
    std::uint64_t missed = 0;
    std::uint64_t filtered = 0;
    std::uint64_t lags = 0;
    std::uint64_t most_behind = 0;
    std::uint64_t episodes = 0;
    bool lagging = false;
    std::uint64_t episode_missed = 0;
    std::uint64_t resumed = 0;  ///< where it went on after the last loss
    bool ended = false;

    [[nodiscard]] bool wants(Id id) const { return unwanted == 0 || id % unwanted != 0; }

    void lose(std::uint64_t count, std::uint64_t behind, std::size_t capacity) {
      if (!lagging || cursor - resumed >= capacity) {
        ++episodes;
        lagging = true;
        episode_missed = 0;
      }
      episode_missed += count;
      most_behind = std::max(most_behind, behind);
      cursor += count;
      missed += count;
      resumed = cursor;
      ++lags;
    }
    [[nodiscard]] SubscriberInfo info(std::uint64_t published, std::size_t capacity) const {
      SubscriberInfo info;
      info.name = name;
      info.gating = gating;
      info.next_sequence = cursor;
      info.behind = published - cursor;
      info.received = cursor - start - missed - filtered;
      info.filtered = filtered;
      info.missed = missed;
      info.lags = lags;
      info.most_behind = std::max(most_behind, info.behind);
      info.episodes = episodes;
      if (episodes > 0) {
        info.episode =
            LagEpisode{.missed = episode_missed, .over = !lagging || cursor - resumed >= capacity};
      }
      return info;
    }
  };

  [[nodiscard]] std::size_t subscriber_count() const {
    return static_cast<std::size_t>(std::ranges::count(subscribers_, false, &Model::ended));
  }

  void add_published(std::uint64_t count) {
    published_ += count;
    if (subscriber_count() == 0) unheard_ += count;
  }
  static void add_to(SubscriberInfo& sum, const SubscriberInfo& info) {
    sum.received += info.received;
    sum.filtered += info.filtered;
    sum.missed += info.missed;
    sum.lags += info.lags;
    sum.episodes += info.episodes;
  }
  /// Of one who is about to go.
  void take_note_of(const Model& model) {
    const SubscriberInfo info = model.info(published_, capacity_);
    add_to(gone_, info);
    heaviest_ = std::max(heaviest_, info.missed);
  }

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
      require(covered == 0U);
      refused_ += std::exchange(staged_, 0);
      return;
    }
    require(covered == subscriber_count());
    if (staged_ == kFlushThreshold) add_published(std::exchange(staged_, 0));
  }

  /// What is staged is published, or refused if the bus was closed meanwhile.
  void settle() {
    if (stager_ == nullptr) return;
    require(stager_->staged() == staged_);
    require(stager_->flush() == (closed_ ? 0 : staged_));
    if (closed_) {
      refused_ += std::exchange(staged_, 0);
    } else {
      add_published(std::exchange(staged_, 0));
    }
    stager_ = nullptr;
  }

  template <class Publish>
  void publish(const Step& step, std::size_t count, const Publish& call) {
    const auto [to, free] = outlet(step.who);
    const std::size_t covered = call(*to);
    if (closed_ || !free) {
      require(covered == 0U);
      refused_ += count;
      return;
    }
    require(covered == subscriber_count());
    add_published(count);
  }

  /// How many messages no gating subscriber holds up.
  [[nodiscard]] std::uint64_t room() const {
    std::uint64_t room = ~std::uint64_t{0};
    for (const Model& model : subscribers_) {
      if (!model.gating || model.ended) continue;
      const std::uint64_t limit = model.cursor + capacity_;
      room = std::min(room, limit > published_ ? limit - published_ : 0);
    }
    return room;
  }

  template <class Publish>
  void try_publish(const Step& step, PublishError no_room, const Publish& call) {
    const auto [to, free] = outlet(step.who);
    const Sent sent = call(*to);
    require(sent.kept);
    if (!free) {
      require(sent.failed_with(PublishError::Busy));
    } else if (closed_) {
      require(sent.failed_with(PublishError::Closed));
      ++refused_;
    } else if (room() == 0) {
      require(sent.failed_with(no_room));
    } else {
      require(sent.result.has_value());
      require(*sent.result == subscriber_count());
      add_published(1);
    }
  }

  void try_publish_many(const Step& step) {
    if (publishers_.empty()) return;
    const std::vector<Id> ids = batch(step.much);
    const Sent sent = any(publishers_, step.who)->try_publish_many(ids);
    require(sent.kept);
    if (closed_) {
      require(sent.failed_with(PublishError::Closed));
      refused_ += ids.size();
    } else if (room() == 0) {
      require(sent.failed_with(PublishError::Full));
    } else {
      require(sent.result.has_value());
      require(*sent.result == std::min<std::uint64_t>(ids.size(), room()));
      add_published(*sent.result);
    }
  }

  /// One of nine kinds: what it does on lag, and what it does not want.
  Model new_model(const Step& step, SubscribeOptions& options) {
    options.name = "subscriber " + std::to_string(next_name_++);
    options.on_lag = static_cast<OnLag>(step.much % 3);
    return {.name = options.name,
            .gating = options.gating,
            .on_lag = options.on_lag,
            .unwanted = step.much / 3 % 3 == 0 ? 0U : step.much / 3 % 3 + 1};
  }
  [[nodiscard]] static Wanted wanted_by(const Model& model) {
    if (model.unwanted == 0) return {};
    return [unwanted = model.unwanted](Id id) { return id % unwanted != 0; };
  }
  void add(Model model, std::unique_ptr<AnySubscriber> real, std::uint64_t start) {
    model.real = std::move(real);
    model.start = model.cursor = start;
    subscribers_.push_back(std::move(model));
  }

  void subscribe(const Step& step, SubscribeOptions options) {
    Model model = new_model(step, options);
    auto real = bus(step.who).subscribe(options, wanted_by(model));
    add(std::move(model), std::move(real), published_);
  }
  void subscribe_in_the_past(const Step& step) {
    const std::uint64_t count = step.much % (capacity_ + 3);
    SubscribeOptions options{.from = step.who % 2 == 0 ? From::oldest() : From::last(count)};
    const std::uint64_t history = step.who % 2 == 0 ? capacity_ : count;
    Model model = new_model(step, options);
    auto real = bus(step.who).subscribe(options, wanted_by(model));
    add(std::move(model), std::move(real),
        published_ - std::min<std::uint64_t>({history, capacity_, published_}));
  }
  void subscribe_at(const Step& step) {
    const std::uint64_t oldest = published_ - std::min<std::uint64_t>(capacity_, published_);
    const std::uint64_t asked = oldest + step.much % (capacity_ + 4) - std::min<Id>(oldest, 2);
    SubscribeOptions options;
    Model model = new_model(step, options);
    model.unwanted = 0;
    auto real = bus(step.who).subscribe_at(asked, options);
    if (asked < oldest || asked > published_) {
      require(!real.has_value());
      require(real.error().oldest == oldest);
      require(real.error().next == published_);
      require((real.error().kind == SubscribeError::TooOld) == (asked < oldest));
      return;
    }
    require(real.has_value());
    add(std::move(model), *std::move(real), asked);
  }
  void copy(const Model& model, const Step& step) {
    const bool forks = static_cast<Action>(step.action) == Action::Fork;
    auto real = forks ? model.real->fork() : model.real->resubscribe();
    Model twin{.name = model.name,
               .gating = model.gating,
               .on_lag = model.on_lag,
               .unwanted = model.unwanted,
               .ended = forks && model.ended};
    const std::uint64_t start = forks ? model.cursor : published_;
    add(std::move(twin), std::move(real), start);
  }

  /// Tells what the next message is, or takes note of the error that is there instead.
  [[nodiscard]] Got expect(Model& model) const {
    if (model.ended) return kDisconnected;
    const std::uint64_t lag = published_ - model.cursor;
    if (lag > capacity_) {
      const std::uint64_t missed = model.on_lag == OnLag::ToOldest   ? lag - capacity_
                                   : model.on_lag == OnLag::ToNewest ? lag - 1
                                                                     : lag;
      model.lose(missed, lag, capacity_);
      model.ended = model.on_lag == OnLag::Disconnect;
      return lagged(missed);
    }
    pass_over(model);
    if (model.cursor < published_) return message(model.cursor);
    model.lagging = false;
    return closed_ ? kClosed : kEmpty;
  }
  void pass_over(Model& model) const {
    for (; model.cursor < published_ && !model.wants(model.cursor); ++model.cursor) {
      ++model.filtered;
    }
  }

  /// Takes longer than the rest of check().
  void check_what_others_see() const {
    const AnyBus& bus = *handles_.front();
    const std::vector<SubscriberInfo> infos = bus.subscribers();
    require(infos.size() == subscriber_count());
    std::set<std::uint64_t> ids;
    for (SubscriberInfo info : infos) {
      require(ids.insert(std::exchange(info.id, 0)).second);
      if (info.episode) {
        require(info.episode->began <= std::chrono::system_clock::now());
        info.episode->began = {};
        info.episode->length = {};
      }
      // What it measures is not predicted: at a sampled receive it may have been further behind.
      require(measures_ || info.distance.empty());
      info.distance = {};
      require(std::ranges::any_of(subscribers_, [&](const Model& model) {
        SubscriberInfo expected = model.info(published_, capacity_);
        if (measures_) expected.most_behind = std::max(expected.most_behind, info.most_behind);
        return !model.ended && info == expected;
      }));
    }
    check_snapshot(bus.snapshot());
    require(bus.drain(std::chrono::nanoseconds{0}, {}).size() ==
            static_cast<std::size_t>(std::ranges::count_if(
                infos, [](const SubscriberInfo& info) { return info.behind > 0; })));
  }

  void check_snapshot(const BusSnapshot& snapshot) const {
    SubscriberInfo all = gone_;
    std::uint64_t depth = 0;
    std::uint64_t heaviest = heaviest_;
    for (const Model& model : subscribers_) {
      const SubscriberInfo info = model.info(published_, capacity_);
      add_to(all, info);
      heaviest = std::max(heaviest, info.missed);
      if (!model.ended) depth = std::max(depth, info.behind);
    }
    const std::uint64_t retained = std::min<std::uint64_t>(published_, capacity_);
    require(snapshot.published == published_);
    require(snapshot.refused == refused_);
    require(snapshot.unheard == unheard_);
    require(snapshot.received == all.received);
    require(snapshot.filtered == all.filtered);
    require(snapshot.missed == all.missed);
    require(snapshot.lags == all.lags);
    require(snapshot.episodes == all.episodes);
    require(snapshot.wakeups + snapshot.notifications == 0U);
    require(snapshot.retained == retained);
    require(snapshot.depth == std::min(depth, retained));
    require(snapshot.closed == closed_);
    require(snapshot.publishers == publishers_.size());
    require(snapshot.subscribers.size() == subscriber_count());
    require(snapshot.worst.has_value() == (heaviest > 0));
    require((snapshot.worst ? snapshot.worst->missed : 0) == heaviest);
    const SubscriberInfo* const slowest = snapshot.slowest();
    require((slowest == nullptr ? 0 : slowest->behind) == depth);
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
      require(out.size() == 1U);
      if (first.is_nothing()) {
        require(out.front().is_nothing());
      } else {
        require(out.front() == first);
      }
      return;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      require(out[i] == message(model.cursor));
      ++model.cursor;
      if (i + 1 < limit) pass_over(model);
    }
    require(out.size() == limit || model.cursor == published_);
  }

  void hold(Model& model) {
    auto held = model.real->hold();
    const Got expected = expect(model);
    require((held != nullptr) == (expected.kind == Got::Message));
    if (held == nullptr) return;
    require(held->id() == expected.value);
    held_.emplace_back(expected.value, std::move(held));
    ++model.cursor;
  }

  static constexpr std::size_t kFlushThreshold = 3;

  Storage storage_;
  std::size_t capacity_;
  bool batched_;
  bool measures_;
  AnyOutlet* stager_ = nullptr;  ///< who published last, if it stages
  std::size_t staged_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t unheard_ = 0;
  SubscriberInfo gone_;         ///< the sum of all that are gone
  std::uint64_t heaviest_ = 0;  ///< what one of them missed, at most
  bool closed_ = false;
  std::vector<std::unique_ptr<AnyBus>> handles_;
  std::vector<std::unique_ptr<AnyOutlet>> publishers_;
  std::vector<Model> subscribers_;
  int next_name_ = 0;
  int checks_ = 0;
  std::vector<std::pair<Id, std::unique_ptr<AnyHeld>>> held_;
};

}  // namespace ron::test
