// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/clock.hpp"

#include <chrono>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace ron::bench {
namespace {

double calibrate() {
  using Clock = std::chrono::steady_clock;
  constexpr auto kSpan = std::chrono::milliseconds{50};
  const auto begin = Clock::now();
  const Ticks begin_ticks = now();
  auto end = Clock::now();
  while (end - begin < kSpan) end = Clock::now();
  const Ticks end_ticks = now();
  return std::chrono::duration<double, std::nano>{end - begin}.count() /
         static_cast<double>(end_ticks - begin_ticks);
}

}  // namespace

double nanoseconds_per_tick() {
  static const double length = calibrate();
  return length;
}

bool clock_is_steady() noexcept {
#if defined(__x86_64__)
  constexpr unsigned kPowerLeaf = 0x80000007;
  constexpr unsigned kInvariantBit = 1U << 8U;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(kPowerLeaf, &eax, &ebx, &ecx, &edx) != 0 && (edx & kInvariantBit) != 0;
#else
  return true;
#endif
}

}  // namespace ron::bench
