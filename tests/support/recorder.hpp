// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <ronbus/wait/waiter_set.hpp>

namespace ron::test {

/// An asynchronous waiter that writes down what it is told. It is told by one thread at a time.
class Recorder {
 public:
  explicit Recorder(wait::WaiterSet& set)
      : set_{&set},
        record_{new Record},
        waiter_{set.claim(owner_, {.fire = fire, .drop = drop, .context = record_})} {}
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder() { release(); }

  void arm() { ticket_ = set_->arm(*waiter_); }
  bool end() { return set_->end(*waiter_, ticket_); }
  /// Whether its hook fails.
  void refuse(bool refuses) { record_->refuses = refuses; }
  /// What its hook does besides.
  void on_fire(std::function<void()> act) { record_->act = std::move(act); }
  /// Records nothing from then on, and has recorded nothing.
  void release() {
    record_ = nullptr;
    if (waiter_ != nullptr) set_->release(*std::exchange(waiter_, nullptr));
  }

  [[nodiscard]] wait::Waiter& waiter() { return *waiter_; }
  [[nodiscard]] std::uint64_t wakeups() const {
    return owner_.wakeups.load(std::memory_order_relaxed);
  }
  [[nodiscard]] wait::Ticket ticket() const { return ticket_; }
  [[nodiscard]] const std::vector<wait::Ticket>& fired() const { return record_->fired; }
  [[nodiscard]] bool is_fired() const {
    return record_ != nullptr && std::ranges::count(fired(), ticket_) > 0;
  }

  /// Contexts that were not dropped yet.
  static inline std::size_t alive = 0;

 private:
  struct Record {
    Record() { ++alive; }
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;
    ~Record() { --alive; }
    std::vector<wait::Ticket> fired;
    std::function<void()> act = [] {};
    bool refuses = false;
  };

  static bool fire(void* record, wait::Ticket ticket) noexcept {
    auto& mine = *static_cast<Record*>(record);
    if (!mine.refuses) mine.fired.push_back(ticket);
    mine.act();
    return !mine.refuses;
  }
  static void drop(void* record) noexcept { delete static_cast<Record*>(record); }

  wait::WaiterSet* set_;
  wait::Owner owner_;
  Record* record_;
  wait::Waiter* waiter_;
  wait::Ticket ticket_ = 0;
};

/// Several of them.
class Recorders {
 public:
  Recorders(wait::WaiterSet& set, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) all_.push_back(std::make_unique<Recorder>(set));
  }

  [[nodiscard]] auto begin() const { return all_.begin(); }
  [[nodiscard]] auto end() const { return all_.end(); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] Recorder& operator[](std::size_t i) const { return *all_[i]; }

  void arm() {
    for (const auto& one : all_) one->arm();
  }
  [[nodiscard]] std::size_t fired() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(all_, [](const auto& one) { return one->is_fired(); }));
  }
  /// Ends those that are fired, and those whom these fire, until nobody goes on.
  void end_fired() {
    for (bool any = true; any;) {
      any = false;
      for (const auto& one : all_) any |= one->is_fired() && one->end();
    }
  }

 private:
  std::vector<std::unique_ptr<Recorder>> all_;
};

}  // namespace ron::test
