// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/pinning.hpp"

#include <system_error>
#include <vector>

#include <pthread.h>
#include <sched.h>

namespace ron::bench {
namespace {

/// As the process found them; a thread that was pinned would see only its own.
std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<unsigned>(core), &set)) cores.push_back(core);
  }
  return cores;
}

}  // namespace

void pin_this_thread(std::size_t index) {
  static const std::vector<int> cores = allowed_cores();
  if (cores.empty()) throw std::system_error{ENOTSUP, std::generic_category(), "sched_getaffinity"};
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cores[index % cores.size()]), &set);
  const int error = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  if (error != 0) throw std::system_error{error, std::generic_category(), "pinning a thread"};
}

}  // namespace ron::bench
