// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Replaces the allocation functions of the program by some that count.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace ron::test {

extern std::atomic<std::size_t> allocations;
std::atomic<std::size_t> allocations{0};

}  // namespace ron::test

void* operator new(std::size_t size) {
  ron::test::allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
