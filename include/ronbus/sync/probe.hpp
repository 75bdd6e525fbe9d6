// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Static probes (USDT) for those who trace from outside: bpftrace, perf, SystemTap, gdb. In a build
// with RONBUS_USDT each is one instruction that does nothing, and a note in the program that says
// where it is and where its arguments are. In any other nothing is left of it: not even its
// arguments are looked at. docs/TRACING.md lists them for users.
//
// `RONBUS_PROBE(name, arguments...)` stands for the function of that name below. All parts of a bus
// call it by the address of its attention word.
#pragma once

#ifndef RONBUS_USDT
#define RONBUS_USDT 0
#endif

#if RONBUS_USDT

#include <cstdint>

#if defined(__clang__) && !defined(STAP_SDT_ARG_CONSTRAINT)
// clang would store all arguments to memory, since it may.
#define STAP_SDT_ARG_CONSTRAINT nr
#endif
#include <sys/sdt.h>

#define RONBUS_PROBE(name, ...) ::ron::sync::probe::name(__VA_ARGS__)

namespace ron::sync {
class Attention;
}

namespace ron::sync::probe {

/// After `count` messages became part of the order, the last of them with sequence `next - 1`.
[[gnu::always_inline]] inline void publish(const Attention& bus, std::uint64_t next,
                                           std::uint64_t count) noexcept {
  if (count > 0) STAP_PROBE3(ronbus, publish, &bus, next, count);
}

/// After a subscriber was found to have missed messages; it goes on at `next`. The names end with a
/// zero, that of the subscriber at the latest after 40 letters.
[[gnu::always_inline]] inline void lag(const Attention& bus, std::uint64_t subscriber,
                                       std::uint64_t missed, std::uint64_t next,
                                       const char* bus_name, const void* subscriber_name) noexcept {
  STAP_PROBE6(ronbus, lag, &bus, subscriber, missed, next, bus_name, subscriber_name);
}

/// Before a subscriber that has asked to be woken begins to wait, if it does.
[[gnu::always_inline]] inline void park(const Attention& bus, std::uint64_t subscriber,
                                        bool waits = true) noexcept {
  if (waits) STAP_PROBE2(ronbus, park, &bus, subscriber);
}

/// After a subscriber was woken, where it goes on.
[[gnu::always_inline]] inline void wake(const Attention& bus, std::uint64_t subscriber) noexcept {
  STAP_PROBE2(ronbus, wake, &bus, subscriber);
}

/// After the order has ended with `published` messages, unless somebody has said so before.
[[gnu::always_inline]] inline void close(const Attention& bus, std::uint64_t published,
                                         bool again) noexcept {
  if (!again) STAP_PROBE2(ronbus, close, &bus, published);
}

}  // namespace ron::sync::probe

#else
#define RONBUS_PROBE(name, ...) static_cast<void>(0)
#endif
