// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "any_bus.hpp"
#include "threads.hpp"

namespace ron::test {

/// Who publishes.
enum class Via : std::uint8_t { OneHandle, ThreeHandles, Bus };

struct Setup {
  Storage storage;
  Via via;
  FencePolicy fence;
  BusMode mode;
};

inline std::string name_of(const Setup& setup) {
  const char* const via = setup.via == Via::OneHandle ? "OneHandle"
                          : setup.via == Via::Bus     ? "Bus"
                                                      : "ThreeHandles";
  return name_of(setup.storage) + "_" + via +
         (setup.fence == FencePolicy::Portable ? "_Portable_" : "_Membarrier_") +
         name_of(setup.mode);
}

inline void PrintTo(const Setup& setup, std::ostream* out) { *out << name_of(setup); }

/// Left out is what another mode shows already: a Bus publishes alike in all of them, and an edge
/// mode is about who receives. With sanitizers, the modes besides classic have one fence each.
inline std::vector<Setup> all_setups() {
  std::vector<Setup> setups;
  for (const BusMode mode : kAllModes) {
    for (const Storage storage : kAllStorages) {
      for (const Via via : {Via::OneHandle, Via::ThreeHandles, Via::Bus}) {
        if (via == Via::ThreeHandles && (is_sole(storage) || is_edge(mode))) continue;
        if (via == Via::Bus && mode != BusMode::Classic) continue;
        for (const FencePolicy fence : {FencePolicy::Membarrier, FencePolicy::Portable}) {
          const bool diagonal = is_edge(mode) == (fence == FencePolicy::Portable);
          if (scaled(64) != 64 && mode != BusMode::Classic && !diagonal) continue;
          setups.push_back({storage, via, fence, mode});
        }
      }
    }
  }
  return setups;
}

/// A bus, and those who publish on it. The number of a message is its sequence, so that a test
/// knows what comes without keeping a list.
class Contract {
 public:
  explicit Contract(const Setup& setup) : setup_{setup} {}

  void open(std::size_t capacity) {
    outlets_.clear();
    next_ = 0;
    turn_ = 0;
    bus_ = make_bus({.storage = setup_.storage,
                     .capacity = capacity,
                     .fence = setup_.fence,
                     .mode = setup_.mode,
                     .flush_threshold = is_batched(setup_.mode) ? std::size_t{3} : 64});
    ASSERT_NE(bus_, nullptr);
    const std::size_t handles = setup_.via == Via::Bus ? 0 : setup_.via == Via::OneHandle ? 1 : 3;
    for (std::size_t i = 0; i < handles; ++i) {
      auto publisher = bus_->publisher();
      ASSERT_TRUE(publisher.has_value());
      outlets_.push_back(std::move(*publisher));
    }
  }

  [[nodiscard]] AnyBus& bus() { return *bus_; }
  /// The next one in turn.
  [[nodiscard]] AnyOutlet& outlet() {
    if (outlets_.empty()) return *bus_;
    return *outlets_[turn_++ % outlets_.size()];
  }
  [[nodiscard]] std::unique_ptr<AnySubscriber> subscribe() { return bus_->subscribe(false); }
  [[nodiscard]] std::unique_ptr<AnySubscriber> subscribe_gating() { return bus_->subscribe(true); }

  /// Publishes `count` messages, by all functions in turn that publish, and leaves nothing staged.
  /// Returns what the last call returned.
  std::size_t publish(std::size_t count = 1) {
    std::size_t covered = 0;
    if (bus_) next_ = bus_->published();
    while (count > 0) {
      AnyOutlet& from = outlet();
      // So many that some meet on the stage; the next outlet must find them published.
      const int turn = is_batched(setup_.mode) ? 5 : 1;
      for (int i = 0; i < turn && count > 0; ++i) covered = publish_once(from, count);
      const std::size_t staged = from.staged();
      EXPECT_EQ(from.flush(), staged);
    }
    return covered;
  }

  void drop_publishers() { outlets_.clear(); }
  void drop_bus() { bus_.reset(); }
  [[nodiscard]] const Setup& setup() const { return setup_; }

  /// The messages [from, to).
  static std::vector<Got> messages(Id from, Id to) {
    std::vector<Got> all;
    for (Id id = from; id < to; ++id) all.push_back(message(id));
    return all;
  }

 private:
  /// Takes off `count` what it published.
  std::size_t publish_once(AnyOutlet& from, std::size_t& count) {
    if (calls_++ % 4 == 3) {
      std::vector<Id> batch;
      for (std::size_t i = 0; i < 3 && i < count; ++i) batch.push_back(next_++);
      count -= batch.size();
      return from.publish_many(batch);
    }
    --count;
    const Id id = next_++;
    return calls_ % 2 == 0 ? from.publish(id) : from.emplace(id);
  }

  Setup setup_;
  std::unique_ptr<AnyBus> bus_;
  std::vector<std::unique_ptr<AnyOutlet>> outlets_;
  Id next_ = 0;
  std::size_t turn_ = 0;
  std::size_t calls_ = 0;
};

inline std::vector<Got> operator+(std::vector<Got> left, const std::vector<Got>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace ron::test
