// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A control loop on plain epoll: one thread waits for readings, commands and its own timer.
// Readings come in bursts; however long a burst, its publisher writes to the descriptor once, and
// the loop works off what is there in one go. The mode of the bus only tells how threads wait that
// sleep in recv(); a descriptor tells of the edge from nothing to something in every mode.
#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <thread>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <ronbus/ronbus.hpp>

namespace {

enum class Command : std::uint8_t { Hold, Resume };

bool watch(int epoll, int descriptor) {
  ::epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

int main() {
  constexpr int kBursts = 20;
  constexpr int kBurst = 512;
  auto readings =
      ron::BusBuilder{}.mode(ron::BusMode::Edge).cap(4096).single_publisher().build<double>();
  auto commands = ron::BusBuilder{}.cap(16).build<Command>();
  if (!readings || !commands) return 2;
  auto reading = readings->subscribe();
  auto command = commands->subscribe();

  // The descriptors belong to their subscribers; this loop only waits for them.
  const auto reading_ready = reading.descriptor();
  const auto command_ready = command.descriptor();
  const int tick = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  const ::itimerspec period{{0, 2'000'000}, {0, 2'000'000}};
  if (!reading_ready || !command_ready || ::timerfd_settime(tick, 0, &period, nullptr) != 0 ||
      !watch(epoll, *reading_ready) || !watch(epoll, *command_ready) || !watch(epoll, tick)) {
    return std::cerr << "no descriptors left\n", 2;
  }

  std::jthread sensor{[&] {
    auto publisher = readings->publisher();
    for (int burst = 0; publisher && burst < kBursts; ++burst) {
      for (int i = 0; i < kBurst; ++i) publisher->publish(1.0);
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    readings->close();
  }};
  std::jthread operation{
      [&] { commands->publish(Command::Hold), commands->publish(Command::Resume); }};

  bool open = true;
  int commanded = 0;
  int ticks = 0;
  double level = 0;
  while (open || commanded < 2 || ticks == 0) {
    std::array<::epoll_event, 4> events{};
    const int count = ::epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int ready = events[static_cast<std::size_t>(i)].data.fd;
      if (ready == tick) {
        std::uint64_t expired = 0;
        if (::read(tick, &expired, sizeof expired) > 0) ++ticks;  // here the loop would steer
      } else if (ready == *command_ready) {
        while (command.try_recv()) ++commanded;
      } else {
        // Until Empty: only a receive that finds nothing makes the descriptor unreadable.
        auto value = reading.try_recv();
        for (; value || value.error() == ron::RecvError::Lagged; value = reading.try_recv()) {
          if (value) level += *value;
        }
        if (value.error() == ron::RecvError::Closed) {
          // Closed is readable for ever, so the loop stops waiting for it.
          open = false;
          ::epoll_ctl(epoll, EPOLL_CTL_DEL, ready, nullptr);
        }
      }
    }
  }
  ::close(epoll);
  ::close(tick);
  std::cout << "level " << level << ", readings received " << reading.received() << " and missed "
            << reading.missed() << ", commands " << commanded << '\n';
  return reading.received() + reading.missed() == kBursts * kBurst ? 0 : 1;
}
