// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rendezvous.hpp"

#include <algorithm>
#include <ranges>

namespace ron::cli::soak {

bool Rendezvous::rest(std::size_t thread) {
  std::unique_lock lock{mutex_};
  rests_[thread] = true;
  came_.notify_one();
  const std::size_t round = round_;
  sent_.wait(lock, [&] { return round_ != round; });
  return go_on_;
}

bool Rendezvous::wait_for(std::size_t begin, std::size_t end, std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_};
  return came_.wait_for(lock, patience, [&] {
    return std::ranges::all_of(std::views::iota(begin, end),
                               [this](std::size_t thread) { return rests_[thread]; });
  });
}

bool Rendezvous::rests(std::size_t thread) const {
  const std::scoped_lock lock{mutex_};
  return rests_[thread];
}

void Rendezvous::release(bool go_on) {
  const std::scoped_lock lock{mutex_};
  called_.store(false, std::memory_order_relaxed);
  rests_.assign(rests_.size(), false);
  go_on_ = go_on;
  ++round_;
  sent_.notify_all();
}

}  // namespace ron::cli::soak
