// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The calls of the operating system, as the models see them, and the forms of new and delete that
// Relacy does not replace.

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <new>

#include "ronbus/sync/fence.hpp"
#include "ronbus/wait/futex.hpp"

#include "model.hpp"

namespace ron::sync {

bool membarrier_available() noexcept { return true; }

/// A fence in each thread, one after the other; others may take steps in between. The caller's own
/// ones are part of the system call.
void membarrier_all() noexcept {
  rl::context& context = rl::ctx();
  for (rl::thread_id_t other = 0; other < context.get_thread_count(); ++other) {
    if (other == context.current_thread()) continue;
    context.sched();
    model::fence_of_thread(other);
  }
  model::fence_of_thread(context.current_thread());
}

}  // namespace ron::sync

namespace ron::wait {

void futex_wait(const sync::Word<std::uint32_t>& word, std::uint32_t expected,
                const Deadline& deadline) noexcept {
  rl::context& context = rl::ctx();
  context.sched();
  // Comparing and falling asleep are one step, and the kernel sees the newest value.
  if (word.newest() != expected) return;
  word.checked().wait(context, deadline.has_value(), false, RL_INFO);
}

void futex_wake_one(const sync::Word<std::uint32_t>& word) noexcept {
  rl::context& context = rl::ctx();
  context.sched();
  word.checked().wake(context, 1, RL_INFO);
}

void futex_wake_all(const sync::Word<std::uint32_t>& word) noexcept {
  rl::context& context = rl::ctx();
  context.sched();
  word.checked().wake(context, context.get_thread_count(), RL_INFO);
}

}  // namespace ron::wait

/// Takes no time, but others go on.
extern "C" int nanosleep(const timespec* /*duration*/, timespec* /*rest*/) {
  models::take_time();
  return 0;
}

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return operator new[](size);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept { operator delete(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { operator delete[](memory); }
