// SPDX-License-Identifier: MIT OR Apache-2.0
#include "pacer.hpp"

#include <algorithm>

namespace ron::cli {
namespace {

constexpr std::uint64_t kLargestBurst = 256;
constexpr double kBurstsPerSecond = 1000;
constexpr int kBurstsToMakeUp = 4;

}  // namespace

Pacer::Pacer(double pace) noexcept : burst_{kLargestBurst} {
  if (pace <= 0) return;
  burst_ = std::clamp(static_cast<std::uint64_t>(pace / kBurstsPerSecond), std::uint64_t{1},
                      kLargestBurst);
  interval_ = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>{static_cast<double>(burst_) / pace});
}

Pacer::Clock::time_point Pacer::next(Clock::time_point now) noexcept {
  const Clock::time_point due = std::max(due_, now - kBurstsToMakeUp * interval_);
  due_ = due + interval_;
  return due;
}

}  // namespace ron::cli
