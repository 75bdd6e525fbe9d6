// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/wait/descriptor.hpp"

#include <cerrno>
#include <cstdint>
#include <new>

#include <sys/eventfd.h>
#include <unistd.h>

#include "ronbus/sync/atomic.hpp"

namespace ron::wait {
namespace {

void write_to(int number) noexcept {
  sync::step();
  const int saved = errno;  // a publish leaves it as it was
  const std::uint64_t one = 1;
  // Fails only when the count is full: then it is readable.
  static_cast<void>(::write(number, &one, sizeof one) == sizeof one);
  errno = saved;
}

bool fire_descriptor(void* number, Ticket /*ticket*/) noexcept {
  write_to(*static_cast<const int*>(number));
  return true;
}

void close_descriptor(void* number) noexcept {
  const std::unique_ptr<int> last{static_cast<int*>(number)};
  ::close(*last);
}

}  // namespace

std::expected<std::unique_ptr<Descriptor>, std::error_code> Descriptor::open(
    WaiterSet& set, Owner& owner, Interest interest) noexcept {
  const std::unexpected no_memory{std::make_error_code(std::errc::not_enough_memory)};
  std::unique_ptr<Descriptor> opened{new (std::nothrow) Descriptor{set}};
  // Where those who fire find the number; that may be later than the owner goes.
  std::unique_ptr<int> context{new (std::nothrow) int{-1}};
  if (opened == nullptr || context == nullptr) return no_memory;
  const int number = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (number < 0) return std::unexpected{std::error_code{errno, std::system_category()}};
  *context = number;
  opened->number_ = number;
  opened->waiter_ = set.claim(
      owner, {.fire = fire_descriptor, .drop = close_descriptor, .context = context.get()});
  if (opened->waiter_ == nullptr) {
    ::close(number);
    return no_memory;
  }
  static_cast<void>(context.release());
  set.set_interest(*opened->waiter_, interest);
  return opened;
}

Descriptor::~Descriptor() {
  if (waiter_ != nullptr) set_.release(*waiter_);
}

bool Descriptor::take() const noexcept {
  sync::step();
  const int saved = errno;  // a receive leaves it as it was
  std::uint64_t count = 0;
  const bool was_readable = ::read(number_, &count, sizeof count) == sizeof count;
  errno = saved;
  return was_readable;
}

void Descriptor::write() const noexcept { write_to(number_); }

}  // namespace ron::wait
