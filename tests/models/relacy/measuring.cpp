// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What measures while others go on: stamps are found whole or not at all, and a sample that is due
// is taken once, whatever else happens to the word through which publishers are told.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "ronbus/flavor/measurements.hpp"
#include "ronbus/kernel/sampling.hpp"
#include "ronbus/sync/attention.hpp"

#include "model.hpp"

namespace {

using models::Size;
using ron::flavor::Clock;
using ron::sync::Attention;
using ron::sync::FenceKind;

[[nodiscard]] Clock::time_point time_of(std::uint64_t sequence) {
  return Clock::time_point{Clock::duration{static_cast<Clock::rep>(sequence + 100)}};
}

/// Stamps of messages that have one place in common, of one publisher or of two, and somebody who
/// looks for both.
template <unsigned publishers>
struct Stamping : models::Model<publishers + 1> {
  static constexpr std::array<std::uint64_t, 2> kSequences{0, 2};
  ron::flavor::Stamps stamps;

  void thread(unsigned index) override {
    for (const std::uint64_t each : kSequences) {
      if (index == publishers) {
        stamps.find(each, [&](Clock::time_point time) { RL_ASSERT(time == time_of(each)); });
      } else if (publishers == 1 || each == kSequences[index]) {
        stamps.leave(each, time_of(each));
      }
    }
  }
};

/// A publisher whose turn it is asks for a sample, while another wakes sleepers, and both take what
/// is asked for.
template <FenceKind kind>
struct Sample : models::Model<2> {
  Attention attention{kind};
  std::array<int, 2> taken{};

  void publish(unsigned index) {
    const Attention::Flags flags = attention.after_access();
    if ((flags & Attention::kSleepers) != 0) {
      attention.serve(Attention::kSleepers, [] { return true; });
    }
    if ((flags & Attention::kSample) != 0 && attention.take(Attention::kSample)) ++taken[index];
  }
  void thread(unsigned index) override {
    if (index == 0) {
      ron::kernel::Sampling{4}.at(4, 1, attention);
    } else {
      attention.raise(Attention::kSleepers);
    }
    publish(index);
  }
  void after() override {
    const bool is_due = (attention.peek() & Attention::kSample) != 0;
    RL_ASSERT(taken[0] + taken[1] + (is_due ? 1 : 0) == 1);
  }
};

using models::bounded;
using models::Registered;

const std::array all{
    Registered{"stamps", Size::Full, models::exhaustive<Stamping<1>>},
    Registered{"stamps_two", Size::Full, bounded<Stamping<2>, 5>},
    Registered{"sample", Size::Full, bounded<Sample<FenceKind::Membarrier>, 6>},
    Registered{"sample_portable", Size::Full, bounded<Sample<FenceKind::SeqCst>, 6>},
};

}  // namespace
