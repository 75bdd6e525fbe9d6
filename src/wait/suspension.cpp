// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/wait/suspension.hpp"

#include "ronbus/base/exceptions.hpp"

namespace ron {

void Wakeup::drop() noexcept { suspension_->release(); }

void Wakeup::operator()() {
  if (suspension_ == nullptr) return;
  // Released last, also if something is thrown.
  const Wakeup share{std::move(*this)};
  share.suspension_->run(turn_);
}

namespace wait {

Suspension& Suspension::attach(WaiterSet& set, Owner& owner, Interest interest,
                               std::shared_ptr<PostTarget> target) {
  auto* suspension = new Suspension{set, std::move(target)};
  suspension->retain();
  suspension->waiter_ = set.claim(
      owner, {.fire = [](void* context,
                         Ticket) noexcept { return static_cast<Suspension*>(context)->fire(); },
              .drop = [](void* context) noexcept { static_cast<Suspension*>(context)->release(); },
              .context = suspension});
  if (suspension->waiter_ == nullptr) {
    delete suspension;
    base::out_of_memory();
  }
  set.set_interest(*suspension->waiter_, interest);
  return *suspension;
}

void Suspension::yield(Suspended& who) {
  who_ = &who;
  const State state = next(Waiting);
  state_.store(state, std::memory_order_release);  // as in suspend()
  base::or_undo([&] { post(state); }, [&] { end(); });
}

void Suspension::end() noexcept {
  // relaxed: Wakeups that find it do nothing.
  state_.store(turn() | Idle, std::memory_order_relaxed);
  if (waiter_ != nullptr) set_.end(*waiter_, ticket_);
}

void Suspension::detach() noexcept {
  Waiter& waiter = *std::exchange(waiter_, nullptr);
  State state = state_.load(std::memory_order_relaxed);
  // A new turn, so that no Wakeup on its way goes on before. acquire: as in run().
  if (phase(state) == Waiting &&
      state_.compare_exchange(state, next(Arming), std::memory_order_acquire,
                              std::memory_order_relaxed)) {
    who_->forsake();
    state_.store(turn() | Waiting, std::memory_order_release);  // as in suspend()
    fire();
  }
  set_.release(waiter);
  release();
}

void Suspension::cancel(Turn since) noexcept {
  Turn before = cancelled_.load(std::memory_order_relaxed);
  // release: pairs with is_cancelled().
  while (before < since && !cancelled_.compare_exchange(before, since, std::memory_order_release,
                                                        std::memory_order_relaxed)) {
  }
  interrupt();
}

void Suspension::interrupt() noexcept {
  // Pairs with the barrier of WaiterSet::arm(): either S3 sees the condition or this sees S1.
  sync::fence(std::memory_order_seq_cst);
  fire();
}

bool Suspension::fire() noexcept {
  // relaxed: whoever saw it armed sees S1 at least.
  State state = state_.load(std::memory_order_relaxed);
  while (phase(state) == Arming) {
    if (state_.compare_exchange(state, turn_of(state) | Fired, std::memory_order_relaxed,
                                std::memory_order_relaxed)) {
      return true;
    }
  }
  if (phase(state) != Waiting) return true;
  return base::or_instead(
      [&] {
        post(state);
        return true;
      },
      [] { return false; });
}

void Suspension::post(State state) {
  retain();
  target_->post(Wakeup{*this, turn_of(state)});
}

void Suspension::run(Turn turn) {
  State state = turn | Waiting;
  // acquire: pairs with the release in suspend(), yield() and detach().
  if (state_.compare_exchange(state, turn | Idle, std::memory_order_acquire,
                              std::memory_order_relaxed)) {
    who_->wake();
  }
}

}  // namespace wait
}  // namespace ron
