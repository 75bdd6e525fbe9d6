// SPDX-License-Identifier: MIT OR Apache-2.0
#include "machine.hpp"

#include <fstream>
#include <string>

#include <fmt/format.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

namespace ron::cli::bench {
namespace {

std::string cpu_name() {
  std::ifstream file{"/proc/cpuinfo"};
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t value = line.find_first_not_of(" \t", line.find(':') + 1);
    if (value != std::string::npos) return line.substr(value);
  }
  return {};
}

/// Those that this process may use.
std::uint64_t cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  return static_cast<std::uint64_t>(CPU_COUNT(&set));
}

std::uint64_t memory_mib() {
  constexpr std::uint64_t kMebibyte = 1 << 20;
  struct sysinfo info{};
  if (::sysinfo(&info) != 0) return 0;
  return std::uint64_t{info.totalram} * info.mem_unit / kMebibyte;
}

std::string kernel_name() {
  utsname name{};
  if (::uname(&name) != 0) return {};
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

}  // namespace

Machine this_machine() {
#ifdef __clang__
  const char* const compiler = "clang " __clang_version__;
#else
  const char* const compiler = "g++ " __VERSION__;
#endif
  return {.cpu = cpu_name(),
          .cores = cores(),
          .memory_mib = memory_mib(),
          .kernel = kernel_name(),
          .compiler = compiler};
}

}  // namespace ron::cli::bench
