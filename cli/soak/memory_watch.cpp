// SPDX-License-Identifier: MIT OR Apache-2.0
#include "memory_watch.hpp"

#include <fstream>

#include <unistd.h>

namespace ron::cli::soak {

std::uint64_t resident_kib() {
  constexpr std::uint64_t kKibibyte = 1024;
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (!(statm >> total_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / kKibibyte;
}

}  // namespace ron::cli::soak
