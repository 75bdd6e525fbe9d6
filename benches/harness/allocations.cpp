// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/allocations.hpp"

#include <cerrno>
#include <cstddef>

#include <malloc.h>

// The C library's own, under the names by which it can be reached behind a replacement.
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* memory, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
void __libc_free(void* memory) noexcept;
}

namespace {

constinit thread_local std::uint64_t allocations = 0;
constinit thread_local std::int64_t live_bytes = 0;

std::int64_t bytes_of(void* memory) noexcept {
  return static_cast<std::int64_t>(malloc_usable_size(memory));
}

void* gotten(void* memory) noexcept {
  ++allocations;
  live_bytes += bytes_of(memory);
  return memory;
}

}  // namespace

namespace ron::bench {

std::uint64_t allocations_of_this_thread() noexcept { return allocations; }
std::int64_t live_bytes_of_this_thread() noexcept { return live_bytes; }

}  // namespace ron::bench

extern "C" {

void* malloc(std::size_t size) noexcept { return gotten(__libc_malloc(size)); }

void* calloc(std::size_t count, std::size_t size) noexcept {
  return gotten(__libc_calloc(count, size));
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  return gotten(__libc_memalign(alignment, size));
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return gotten(__libc_memalign(alignment, size));
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  const bool power = alignment != 0 && (alignment & (alignment - 1)) == 0;
  if (!power || alignment % sizeof(void*) != 0) return EINVAL;
  void* const got = gotten(__libc_memalign(alignment, size));
  if (got == nullptr) return ENOMEM;
  *memory = got;
  return 0;
}

void* realloc(void* memory, std::size_t size) noexcept {
  const std::int64_t before = bytes_of(memory);
  void* const moved = __libc_realloc(memory, size);
  // If there is no memory, the old block is still there.
  if (moved == nullptr && size != 0) return nullptr;
  live_bytes -= before;
  return gotten(moved);
}

void free(void* memory) noexcept {
  live_bytes -= bytes_of(memory);
  __libc_free(memory);
}

}  // extern "C"
