// SPDX-License-Identifier: MIT OR Apache-2.0
#include "processor_use.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <unistd.h>

namespace ron::cli::bench {
namespace {

double in_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double ticks_per_second() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

double now() {
  return std::chrono::duration<double>{std::chrono::steady_clock::now().time_since_epoch()}.count();
}

double used_by(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

/// Seconds of all processors since the machine started.
double used_by_all() {
  // user, nice, system, idle, iowait, irq, softirq, steal; in ticks.
  constexpr std::size_t kIdle = 3;
  constexpr std::size_t kWaiting = 4;
  std::ifstream stat{"/proc/stat"};
  std::string name;
  stat >> name;
  double ticks = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    double spent = 0;
    if (!(stat >> spent)) return 0;
    if (i != kIdle && i != kWaiting) ticks += spent;
  }
  return ticks / ticks_per_second();
}

/// Seconds of a process and of its children that were waited for, if it belongs to one of `groups`.
double used_in_groups(const std::filesystem::path& process, const std::vector<pid_t>& groups) {
  std::ifstream file{process / "stat"};
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  // Behind the name: state, parent, group, eight others, then user and system time of the process
  // and of its children.
  std::istringstream fields{text.substr(name_end + 1)};
  std::string skipped;
  pid_t group = 0;
  fields >> skipped >> skipped >> group;
  if (std::ranges::find(groups, group) == groups.end()) return 0;
  for (int i = 0; i < 8; ++i) fields >> skipped;
  double ticks = 0;
  for (int i = 0; i < 4; ++i) {
    double spent = 0;
    fields >> spent;
    ticks += spent;
  }
  return ticks / ticks_per_second();
}

double used_by_groups(const std::vector<pid_t>& groups) {
  double sum = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{"/proc", error}, end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.front() >= '0' && name.front() <= '9') sum += used_in_groups(entry->path(), groups);
  }
  return sum;
}

double used_by_others(const std::vector<pid_t>& groups) {
  return used_by_all() - used_by(RUSAGE_SELF) - used_by(RUSAGE_CHILDREN) - used_by_groups(groups);
}

}  // namespace

ProcessorUse::ProcessorUse(const std::vector<pid_t>& groups)
    : begin_seconds_{now()}, begin_others_{used_by_others(groups)} {}

double ProcessorUse::share_of_others(const std::vector<pid_t>& groups) const {
  const double elapsed = now() - begin_seconds_;
  const double processors = ::get_nprocs();
  return std::max(0.0, (used_by_others(groups) - begin_others_) / (elapsed * processors));
}

}  // namespace ron::cli::bench
