// SPDX-License-Identifier: MIT OR Apache-2.0
#include "known_systems.hpp"

#include <algorithm>
#include <array>

namespace ron::cli::bench {
namespace {

constexpr bool kFanOut = true;
constexpr bool kOneBus = false;
constexpr bool kToAll = true;
constexpr bool kToOne = false;

constexpr std::array kSystems{
    KnownSystem{"ron-bus", "runner_ronbus", Sort::Ours, kOneBus, kToAll},
    KnownSystem{"ron-bus-single", "runner_ronbus", Sort::Ours, kOneBus, kToAll},
    KnownSystem{"floor", "runner_ronbus", Sort::Floor, kOneBus, kToAll},
    KnownSystem{"tokio", "runner_rust", Sort::Rival, kOneBus, kToAll},
    KnownSystem{"async-broadcast", "runner_rust", Sort::Rival, kOneBus, kToAll},
    KnownSystem{"flume", "runner_rust", Sort::Rival, kOneBus, kToOne},
    KnownSystem{"flume-fanout", "runner_rust", Sort::Rival, kFanOut, kToAll},
    KnownSystem{"async-channel", "runner_rust", Sort::Rival, kOneBus, kToOne},
    KnownSystem{"async-channel-fanout", "runner_rust", Sort::Rival, kFanOut, kToAll},
    KnownSystem{"disruptor-busyspin", "runner_java", Sort::Rival, kOneBus, kToAll},
    KnownSystem{"disruptor-yielding", "runner_java", Sort::Rival, kOneBus, kToAll},
    KnownSystem{"disruptor-blocking", "runner_java", Sort::Rival, kOneBus, kToAll},
    KnownSystem{"mutex-condvar", "runner_cpp", Sort::Rival, kOneBus, kToAll},
    KnownSystem{"boost-lockfree", "runner_cpp", Sort::Rival, kFanOut, kToAll},
    KnownSystem{"concurrentqueue", "runner_cpp", Sort::Rival, kFanOut, kToAll},
    KnownSystem{"tbb", "runner_cpp", Sort::Rival, kFanOut, kToAll},
    KnownSystem{"zeromq", "runner_cpp", Sort::Rival, kOneBus, kToAll},
};

}  // namespace

std::span<const KnownSystem> known_systems() { return kSystems; }

const KnownSystem* known_system(std::string_view name) {
  const auto* const found = std::ranges::find(kSystems, name, &KnownSystem::name);
  return found == kSystems.end() ? nullptr : found;
}

}  // namespace ron::cli::bench
