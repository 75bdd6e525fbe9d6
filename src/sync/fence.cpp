// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/sync/fence.hpp"

#include <cerrno>

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ron::sync {
namespace {

long membarrier(int command) noexcept { return ::syscall(__NR_membarrier, command, 0, 0); }

bool register_process() noexcept {
  const long supported = membarrier(MEMBARRIER_CMD_QUERY);
  return supported > 0 && (supported & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0 &&
         membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
}

}  // namespace

bool membarrier_available() noexcept {
  static const bool available = register_process();
  return available;
}

void membarrier_all() noexcept {
  // Once registered it can only fail for want of memory, which passes.
  while (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0 && errno == ENOMEM) ::sched_yield();
}

}  // namespace ron::sync
