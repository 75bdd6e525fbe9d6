// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>

namespace ron::cli {

Event::Event() : descriptor_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  if (!descriptor_) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

// Both fail only where the flag already is as wanted.

void Event::set() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(descriptor_.get(), &one, sizeof one);
}

void Event::clear() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(descriptor_.get(), &count, sizeof count);
}

}  // namespace ron::cli
