// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/allocations.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constinit thread_local std::uint64_t allocations = 0;

void* allocate(std::size_t size) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
  ++allocations;
  const auto unit = static_cast<std::size_t>(alignment);
  const std::size_t rounded = (size + unit - 1) / unit * unit;
  return std::aligned_alloc(unit, rounded == 0 ? unit : rounded);
}

void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

}  // namespace

namespace ron::bench {

std::uint64_t allocations_of_this_thread() noexcept { return allocations; }

}  // namespace ron::bench

// All replaceable forms but the deletes that only a throwing constructor would call.
using std::align_val_t;
using std::nothrow_t;
using std::size_t;

void* operator new(size_t size) { return or_throw(allocate(size)); }
void* operator new[](size_t size) { return or_throw(allocate(size)); }
void* operator new(size_t size, const nothrow_t& /*tag*/) noexcept { return allocate(size); }
void* operator new[](size_t size, const nothrow_t& /*tag*/) noexcept { return allocate(size); }
void* operator new(size_t size, align_val_t unit) { return or_throw(allocate(size, unit)); }
void* operator new[](size_t size, align_val_t unit) { return or_throw(allocate(size, unit)); }
void* operator new(size_t size, align_val_t unit, const nothrow_t& /*tag*/) noexcept {
  return allocate(size, unit);
}
void* operator new[](size_t size, align_val_t unit, const nothrow_t& /*tag*/) noexcept {
  return allocate(size, unit);
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, align_val_t /*unit*/) noexcept { std::free(memory); }
void operator delete[](void* memory, align_val_t /*unit*/) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*size*/, align_val_t /*unit*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t /*size*/, align_val_t /*unit*/) noexcept {
  std::free(memory);
}
