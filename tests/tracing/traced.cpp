// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A program with probes that passes each of them a known number of times; see tracing_test.py.
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include <ronbus/ronbus.hpp>

namespace {

using Message = std::uint64_t;

/// False if the library did something else than the test expects.
bool run(bool single) {
  constexpr std::array<Message, 3> kBatch{3, 4, 5};
  auto bus = ron::BusBuilder{}
                 .name(single ? "single" : "shared")
                 .cap(4)
                 .single_publisher(single)
                 .build<Message>();
  auto slow = bus->subscribe({.name = "slow"});
  auto publisher = bus->publisher();
  publisher->publish(0);
  static_cast<void>(publisher->try_publish(1));
  publisher->emplace(2U);
  publisher->publish_many(kBatch);
  if (slow.try_recv().error() != ron::RecvError::lagged(2)) return false;

  auto thread = bus->subscribe({.wait = ron::WaitStrategy::SleepAtOnce, .name = "thread"});
  if (thread.recv_for(std::chrono::milliseconds{1})) return false;
  auto loop = bus->subscribe({.name = "loop"});
  if (!loop.descriptor()) return false;
  publisher->publish(6);
  if (loop.try_recv().value() != 6 || loop.try_recv()) return false;
  bus->close();
  return publisher->publish(7) == 0;
}

}  // namespace

int main() { return run(true) && run(false) ? 0 : 1; }
