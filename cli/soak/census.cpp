// SPDX-License-Identifier: MIT OR Apache-2.0
#include "census.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace ron::cli::soak {
namespace {

class Tally;

struct Register {
  std::mutex mutex;
  std::vector<const Tally*> tallies;  ///< of the threads that live
  Population gone;                    ///< counted by threads that have ended
};

Register& all_tallies() {
  static Register instance;
  return instance;
}

/// Written by one thread; relaxed, as whoever reads waits until that thread rests.
class Tally {
 public:
  Tally() {
    const std::scoped_lock lock{all_tallies().mutex};
    all_tallies().tallies.push_back(this);
  }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;
  ~Tally() {
    const std::scoped_lock lock{all_tallies().mutex};
    std::erase(all_tallies().tallies, this);
    all_tallies().gone.constructed += counts().constructed;
    all_tallies().gone.destroyed += counts().destroyed;
  }

  void construct() noexcept { add_one(constructed_); }
  void destroy() noexcept { add_one(destroyed_); }
  [[nodiscard]] Population counts() const noexcept {
    return {.constructed = constructed_.load(std::memory_order_relaxed),
            .destroyed = destroyed_.load(std::memory_order_relaxed)};
  }

 private:
  static void add_one(std::atomic<std::uint64_t>& count) noexcept {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> constructed_{0};
  std::atomic<std::uint64_t> destroyed_{0};
};

thread_local Tally tally_of_thread;  // NOLINT(cert-err58-cpp): who runs out of memory ends

}  // namespace

Counted::Counted() noexcept { tally_of_thread.construct(); }
Counted::~Counted() { tally_of_thread.destroy(); }

Population census() {
  const std::scoped_lock lock{all_tallies().mutex};
  Population sum = all_tallies().gone;
  for (const Tally* tally : all_tallies().tallies) {
    sum.constructed += tally->counts().constructed;
    sum.destroyed += tally->counts().destroyed;
  }
  return sum;
}

}  // namespace ron::cli::soak
