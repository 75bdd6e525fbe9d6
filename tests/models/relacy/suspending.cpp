// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Waiting without a thread, and on several waiters at once: what is suspended goes on exactly once
// for each wait, in one thread at a time, and whatever wakes it lives as long as somebody may use
// it.

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "ronbus/kernel/dense_ring.hpp"
#include "ronbus/wait/bell.hpp"
#include "ronbus/wait/suspension.hpp"
#include "ronbus/wait/waiter_set.hpp"

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
using ron::wait::Suspension;
using ron::wait::WaiterSet;

using Ring = ron::kernel::DenseRing<std::uint64_t>;

/// Wakeups on their way.
using Posted = std::vector<ron::Wakeup>;

void run(Posted& posted) {
  while (!posted.empty()) {
    ron::Wakeup wakeup = std::move(posted.back());
    posted.pop_back();
    wakeup();
  }
}

class Executor : public ron::wait::PostTarget {
 public:
  explicit Executor(Posted& posted) : posted_{posted} { alive_(RL_INFO) = 1; }
  ~Executor() override { alive_(RL_INFO) = 0; }
  void post(ron::Wakeup wakeup) override {
    RL_ASSERT(alive_(RL_INFO) == 1);
    posted_.push_back(std::move(wakeup));
  }

 private:
  Posted& posted_;
  rl::var<int> alive_;
};

struct Bus {
  explicit Bus(FenceKind kind = FenceKind::Membarrier) : attention{kind} {}

  Attention attention;
  WaiterSet set{attention};
  Ring ring{kCapacity, attention};
  Ring::Reader reader{ring, 0};
  Order order;
  Account account{order};
  Posted posted;

  void publish(unsigned count) {
    Ring::Writer writer{ring};
    for (unsigned i = 0; i < count; ++i) {
      order.begin();
      if ((writer.publish(message_of(0, i)) & Attention::kSleepers) != 0) set.notify();
    }
  }
};

/// Receives a number of messages without a thread of its own.
class Task : public ron::wait::Suspended {
 public:
  Task(Bus& bus, std::uint64_t wanted)
      : bus_{bus},
        wanted_{wanted},
        suspension_{&Suspension::attach(bus.set, owner_, ron::wait::kEverything,
                                        std::make_shared<Executor>(bus.posted))} {
    steps_(RL_INFO) = 0;
  }

  /// Receives until there is nothing, then suspends; or until there is no more to do.
  void go_on() {
    for (;;) {
      steps_(RL_INFO) = steps_(RL_INFO) + 1;
      while (!is_over() && bus_.account.read(bus_.reader) != ReadStatus::Empty) {
      }
      has_ended_ = is_over();
      if (has_ended_) return;
      const auto ready = [&] {
        steps_(RL_INFO) = steps_(RL_INFO) + 1;
        return bus_.reader.has_news() || suspension_->is_cancelled(turn);
      };
      if (suspension_->suspend(*this, ready)) return;
    }
  }
  void wake() override {
    suspension_->end();
    go_on();
  }
  void forsake() noexcept override {
    RL_ASSERT(!forsaken_);
    forsaken_ = true;
    steps_(RL_INFO) = steps_(RL_INFO) + 1;
  }
  void detach() { std::exchange(suspension_, nullptr)->detach(); }

  [[nodiscard]] bool is_over() const {
    return forsaken_ || bus_.reader.cursor() >= wanted_ || suspension_->is_cancelled(turn);
  }
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] bool forsaken() const { return forsaken_; }
  [[nodiscard]] Suspension& suspension() { return *suspension_; }

  Suspension::Turn turn = ~Suspension::Turn{0};  ///< to be cancelled

 private:
  Bus& bus_;
  const std::uint64_t wanted_;
  ron::wait::Owner owner_;
  Suspension* suspension_;
  bool forsaken_ = false;
  bool has_ended_ = false;
  rl::var<unsigned> steps_;
};

/// A receive that suspends beside a publisher, whose thread lets it go on.
template <unsigned published>
struct Suspending : models::Model<2>, Bus {
  Task task{*this, published};

  void thread(unsigned index) override {
    if (index == 0) return task.go_on();
    for (unsigned i = 0; i < published; ++i) this->publish(1);
    run(this->posted);
  }
  void after() override {
    run(this->posted);
    RL_ASSERT(this->reader.cursor() == published);
    task.detach();
  }
};

/// A receive that is given up from another thread, while it suspends.
template <FenceKind kind>
struct Cancelling : models::Model<2>, Bus {
  Task task{*this, 1};
  rl::var<unsigned> cause;

  Cancelling() : Bus{kind} {
    cause(RL_INFO) = 0;
    task.turn = task.suspension().next_turn();
  }
  void thread(unsigned index) override {
    if (index == 0) {
      task.go_on();
      if (task.suspension().is_cancelled(task.turn)) RL_ASSERT(cause(RL_INFO) == 1);
    } else {
      cause(RL_INFO) = 1;
      task.suspension().cancel(task.turn);
      run(this->posted);
    }
  }
  void after() override {
    run(this->posted);
    RL_ASSERT(task.has_ended());
    task.detach();
  }
};

/// A receive that lets others run first.
struct Yielding : models::Model<2>, Bus {
  class Once : public ron::wait::Suspended {
   public:
    explicit Once(Bus& bus)
        : suspension_{Suspension::attach(bus.set, owner, ron::wait::kEverything,
                                         std::make_shared<Executor>(bus.posted))} {
      steps_(RL_INFO) = 0;
    }
    void yield() {
      steps_(RL_INFO) = 1;
      suspension_.yield(*this);
    }
    void wake() override {
      suspension_.end();
      RL_ASSERT(steps_(RL_INFO) == 1);
      steps_(RL_INFO) = 2;
    }
    void forsake() noexcept override {}
    void detach() {
      RL_ASSERT(steps_(RL_INFO) == 2);
      suspension_.detach();
    }

   private:
    ron::wait::Owner owner;
    Suspension& suspension_;
    rl::var<int> steps_;
  } once{*this};

  void thread(unsigned index) override {
    if (index == 0) return once.yield();
    models::take_time();
    run(this->posted);
  }
  void after() override {
    run(this->posted);
    once.detach();
  }
};

/// A subscriber that goes while its receive is suspended, and a publisher that wakes it.
struct Detaching : models::Model<2>, Bus {
  Task task{*this, 1};

  Detaching() { task.go_on(); }
  void thread(unsigned index) override {
    if (index == 0) return this->publish(1);
    task.detach();
  }
  void after() override {
    RL_ASSERT(task.forsaken());
    RL_ASSERT(!this->posted.empty());
    this->posted.clear();
  }
};

/// The same where the publisher runs the Wakeups that are posted meanwhile: one of them, of either
/// turn, finds somebody waiting.
struct Forsaking : models::Model<2>, Bus {
  class Receive : public ron::wait::Suspended {
   public:
    Receive() { steps_(RL_INFO) = 0; }
    void wake() override {
      step();
      ++woken;
    }
    void forsake() noexcept override { step(); }

    unsigned woken = 0;

   private:
    void step() { steps_(RL_INFO) = steps_(RL_INFO) + 1; }

    rl::var<unsigned> steps_;
  };
  ron::wait::Owner owner;
  Receive receive;
  Suspension& suspension = Suspension::attach(this->set, owner, ron::wait::kEverything,
                                              std::make_shared<Executor>(this->posted));

  Forsaking() {
    RL_ASSERT(suspension.suspend(receive, [] { return false; }));
  }
  void thread(unsigned index) override {
    if (index == 0) {
      this->publish(1);
      run(this->posted);
    } else {
      suspension.detach();
    }
  }
  void after() override {
    run(this->posted);
    RL_ASSERT(receive.woken == 1);
  }
};

/// A thread that waits on a bell.
template <unsigned published>
struct Ringing : models::Model<2>, Bus {
  ron::wait::Owner owner;
  ron::wait::Bell& bell = ron::wait::Bell::make();
  ron::wait::Waiter& waiter = bell.claim(this->set, owner, ron::wait::kEverything);

  void thread(unsigned index) override {
    if (index == 0) return this->publish(published);
    // As Selector does.
    while (this->reader.cursor() < published) {
      if (this->account.read(this->reader) != ReadStatus::Empty) continue;
      const std::uint32_t counted = bell.count();
      const ron::wait::Ticket ticket = this->set.arm(waiter);
      if (!this->reader.has_news()) bell.sleep(counted, {});
      this->set.end(waiter, ticket);
    }
    this->set.release(waiter);
    bell.release();
  }
};

using models::bounded;
using models::Registered;

const std::array all{
    Registered{"suspend_publish", Size::Full, bounded<Suspending<1>, 4>},
    Registered{"suspend_again", Size::Full, bounded<Suspending<2>, 3>},
    Registered{"suspend_cancel", Size::Full, bounded<Cancelling<FenceKind::Membarrier>, 5>},
    Registered{"suspend_cancel_portable", Size::Full, bounded<Cancelling<FenceKind::SeqCst>, 4>},
    Registered{"suspend_yield", Size::Full, bounded<Yielding, 5>},
    Registered{"suspend_forsake", Size::Full, bounded<Forsaking, 3>},
    Registered{"suspend_detach", Size::Full, bounded<Detaching, 3>},
    Registered{"bell", Size::Full, bounded<Ringing<2>, 3>},
};

}  // namespace
