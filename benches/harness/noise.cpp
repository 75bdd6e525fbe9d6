// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/noise.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <set>

#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness/clock.hpp"

namespace ron::bench {
namespace {

/// Quartiles of a reference further apart than this share of its median make ratios doubtful.
constexpr double kQuietSpread = 0.05;
constexpr double kQuietCores = 0.05;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>{now}.count();
}

/// Processor seconds that all cores spent on others since the machine started, those included
/// that a hypervisor gave to other machines.
double seconds_of_others() {
  // user, nice, system, idle, iowait, irq, softirq, steal; in ticks, over all cores.
  constexpr std::size_t kIdle = 3;
  constexpr std::size_t kWaiting = 4;
  std::array<double, 8> spent{};
  std::ifstream stat{"/proc/stat"};
  std::string name;
  if (!(stat >> name)) return 0;
  double busy = 0;
  for (std::size_t i = 0; i < spent.size() && stat >> spent[i]; ++i) {
    if (i != kIdle && i != kWaiting) busy += spent[i];
  }
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  return busy / static_cast<double>(sysconf(_SC_CLK_TCK)) - seconds(own.ru_utime) -
         seconds(own.ru_stime);
}

}  // namespace

OthersAtWork::OthersAtWork() : begin_seconds_{seconds_now()}, begin_others_{seconds_of_others()} {}

double OthersAtWork::cores() const {
  const double elapsed = seconds_now() - begin_seconds_;
  return std::max(0.0, (seconds_of_others() - begin_others_) / elapsed);
}

std::vector<std::string> notes_on_noise(const std::vector<Result>& results,
                                        const OthersAtWork& others) {
  std::vector<std::string> notes;
  if (!clock_is_steady()) {
    notes.emplace_back("the time stamp counter of this machine changes pace");
  }
  if (others.cores() > kQuietCores) {
    notes.push_back(fmt::format("others kept {:.2f} cores busy meanwhile", others.cores()));
  }
  std::set<std::string> references;
  for (const Result& result : results) {
    if (!result.target) continue;
    for (const Ratio& ratio : result.ratios) references.insert(ratio.reference);
  }
  for (const Result& result : results) {
    if (!references.contains(result.name) || spread(result) <= kQuietSpread) continue;
    notes.push_back(fmt::format("the middle half of {} spans {:.0f} % of its median", result.name,
                                100 * spread(result)));
  }
  return notes;
}

}  // namespace ron::bench
