// SPDX-License-Identifier: MIT OR Apache-2.0
#include "failing_new.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace ron::test {
namespace {

struct Plan {
  bool active = false;
  bool all_behind = false;
  bool failed = false;
  unsigned left = 0;
};
thread_local constinit Plan plan;
constinit std::atomic<std::ptrdiff_t> allocated{0};

bool refuses() noexcept {
  if (!plan.active) return false;
  if (plan.failed) return plan.all_behind;
  if (plan.left-- > 0) return false;
  plan.failed = true;
  return true;
}

void* allocate(std::size_t size, std::size_t alignment) noexcept {
  if (refuses()) return nullptr;
  // aligned_alloc asks for a multiple.
  void* const memory =
      std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory != nullptr) allocated.fetch_add(1, std::memory_order_relaxed);
  return memory;
}
void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  if (void* const memory = allocate(size, alignment)) return memory;
  throw std::bad_alloc{};
}
void free(void* memory) noexcept {
  if (memory == nullptr) return;
  allocated.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}

constexpr std::size_t kUsual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

FailingNew::FailingNew(unsigned nth, Which which) noexcept {
  plan = {.active = true, .all_behind = which == Which::FromThere, .left = nth};
}
FailingNew::~FailingNew() { plan.active = false; }
bool FailingNew::has_failed() noexcept { return plan.failed; }
std::ptrdiff_t FailingNew::live() noexcept { return allocated.load(std::memory_order_relaxed); }

}  // namespace ron::test

using ron::test::allocate;
using ron::test::allocate_or_throw;
using ron::test::kUsual;

void* operator new(std::size_t size) { return allocate_or_throw(size, kUsual); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, kUsual); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return allocate(size, kUsual);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return allocate(size, kUsual);
}
void* operator new(std::size_t size, std::align_val_t alignment,
                   const std::nothrow_t& /*tag*/) noexcept {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment,
                     const std::nothrow_t& /*tag*/) noexcept {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { ron::test::free(memory); }
void operator delete[](void* memory) noexcept { ron::test::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { ron::test::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { ron::test::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  ron::test::free(memory);
}
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept {
  ron::test::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  ron::test::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/,
                       std::align_val_t /*alignment*/) noexcept {
  ron::test::free(memory);
}
