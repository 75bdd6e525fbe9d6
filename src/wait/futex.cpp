// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/wait/futex.hpp"

#include <cerrno>
#include <climits>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ron::wait {
namespace {

long futex(const sync::Word<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* deadline) noexcept {
  static_assert(sizeof(word) == sizeof(std::uint32_t));
  return ::syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, deadline, nullptr,
                   FUTEX_BITSET_MATCH_ANY);
}

/// For a kernel that refuses to let threads wait: who waits looks again after a while.
void nap() noexcept {
  constexpr timespec kWhile{.tv_sec = 0, .tv_nsec = 100'000};
  ::nanosleep(&kWhile, nullptr);
}

}  // namespace

void futex_wait(const sync::Word<std::uint32_t>& word, std::uint32_t expected,
                const Deadline& deadline) noexcept {
  timespec until{};
  if (deadline) {
    // FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC, which is what steady_clock
    // reads.
    const auto since_boot =
        std::chrono::duration_cast<std::chrono::nanoseconds>(deadline->time_since_epoch());
    if (since_boot.count() < 0) return;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
    until.tv_sec = static_cast<std::time_t>(seconds.count());
    until.tv_nsec = static_cast<long>((since_boot - seconds).count());
  }
  if (futex(word, FUTEX_WAIT_BITSET, expected, deadline ? &until : nullptr) == 0) return;
  if (errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT) return;
  nap();
}

void futex_wake_one(const sync::Word<std::uint32_t>& word) noexcept {
  static_cast<void>(futex(word, FUTEX_WAKE_BITSET, 1, nullptr));
}

void futex_wake_all(const sync::Word<std::uint32_t>& word) noexcept {
  static_cast<void>(futex(word, FUTEX_WAKE_BITSET, INT_MAX, nullptr));
}

}  // namespace ron::wait
