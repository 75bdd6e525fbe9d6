// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/wait/bell.hpp"

#include "ronbus/base/exceptions.hpp"

namespace ron::wait {
namespace {

bool ring_bell(void* bell, Ticket /*ticket*/) noexcept {
  static_cast<Bell*>(bell)->ring();
  return true;
}

void release_bell(void* bell) noexcept { static_cast<Bell*>(bell)->release(); }

}  // namespace

Waiter& Bell::claim(WaiterSet& set, Owner& owner, Interest interest) {
  Waiter* const waiter =
      set.claim(owner, {.fire = ring_bell, .drop = release_bell, .context = this});
  if (waiter == nullptr) base::out_of_memory();
  // relaxed: the caller has a share.
  shares_.fetch_add(1, std::memory_order_relaxed);
  set.set_interest(*waiter, interest);
  return *waiter;
}

}  // namespace ron::wait
