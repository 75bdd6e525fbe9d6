// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Nodes addressed by a small index, so that a slot can name one beside its lap in a single word.
// The first chunk is made with the ring; further chunks, each twice as large as the one before, are
// added without a lock when publishers come. Chunks are never given back before the pool goes.
//
//      index:  0 ............ base-1 | step nodes | 2 * step nodes | 4 * step nodes | ...
//      chunk:         first          |      0     |        1       |        2       |
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>

#include "ronbus/base/exceptions.hpp"
#include "ronbus/sync/atomic.hpp"

namespace ron::kernel {

using NodeIndex = std::uint32_t;

template <class Node>
class NodePool {
 public:
  /// `base` nodes at once, `step` in the first chunk after that; at most `limit` in all.
  NodePool(std::size_t base, std::size_t step, std::size_t limit)
      : base_{static_cast<NodeIndex>(base)},
        step_{static_cast<NodeIndex>(step)},
        limit_{static_cast<NodeIndex>(limit)},
        first_chunk_{allocate(base_)} {
    if (first_chunk_ == nullptr) base::out_of_memory();
  }
  NodePool(const NodePool&) = delete;
  NodePool& operator=(const NodePool&) = delete;
  ~NodePool() {
    deallocate(first_chunk_);
    for (auto& chunk : later_chunks_) deallocate(chunk.load(std::memory_order_relaxed));
  }

  [[nodiscard]] Node& operator[](NodeIndex index) const noexcept {
    if (index < base_) [[likely]]
      return first_chunk_[index];
    return later(index);
  }

  /// Takes `count` fresh nodes for good. Returns the index of the first, or nothing if the limit or
  /// the memory is exhausted. Lock-free.
  [[nodiscard]] std::optional<NodeIndex> take(NodeIndex count) noexcept {
    NodeIndex first = taken_.load(std::memory_order_relaxed);
    do {
      if (count > limit_ - first) return std::nullopt;
      for (NodeIndex index = first; index < first + count; ++index) {
        if (index >= base_ && !ensure_chunk(chunk_of(index))) return std::nullopt;
      }
      // relaxed: the chunks were installed with release, the indices carry nothing else.
    } while (!taken_.compare_exchange(first, first + count, std::memory_order_relaxed,
                                      std::memory_order_relaxed));
    return first;
  }

 private:
  static constexpr std::size_t kLaterChunks = 24;

  static Node* allocate(std::size_t count) noexcept { return new (std::nothrow) Node[count]; }
  static void deallocate(Node* nodes) noexcept { delete[] nodes; }

  [[nodiscard]] std::size_t chunk_of(NodeIndex index) const noexcept {
    return static_cast<std::size_t>(std::bit_width((index - base_) / step_ + 1)) - 1;
  }
  [[nodiscard]] std::size_t chunk_size(std::size_t chunk) const noexcept {
    return static_cast<std::size_t>(step_) << chunk;
  }
  [[nodiscard]] std::size_t chunk_start(std::size_t chunk) const noexcept {
    return base_ + chunk_size(chunk) - step_;
  }

  [[gnu::noinline]] [[nodiscard]] Node& later(NodeIndex index) const noexcept {
    const std::size_t chunk = chunk_of(index);
    // acquire: pairs with the release in ensure_chunk.
    return later_chunks_[chunk].load(std::memory_order_acquire)[index - chunk_start(chunk)];
  }

  [[nodiscard]] bool ensure_chunk(std::size_t chunk) noexcept {
    if (later_chunks_[chunk].load(std::memory_order_acquire) != nullptr) return true;
    Node* fresh = allocate(chunk_size(chunk));
    if (fresh == nullptr) return false;
    Node* installed = nullptr;
    // release: the nodes are constructed for who acquires the pointer.
    if (!later_chunks_[chunk].compare_exchange(installed, fresh, std::memory_order_acq_rel,
                                               std::memory_order_acquire)) {
      deallocate(fresh);
    }
    return true;
  }

  const NodeIndex base_;
  const NodeIndex step_;
  const NodeIndex limit_;
  Node* const first_chunk_;
  sync::Atomic<NodeIndex> taken_{0};
  std::array<sync::Atomic<Node*>, kLaterChunks> later_chunks_{};
};

}  // namespace ron::kernel
