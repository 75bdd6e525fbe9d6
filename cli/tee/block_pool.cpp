// SPDX-License-Identifier: MIT OR Apache-2.0
#include "block_pool.hpp"

#include <algorithm>
#include <utility>

namespace ron::cli::tee {
namespace {

/// Idle blocks beyond this many are freed.
constexpr std::size_t kMostIdle = 64;

}  // namespace

std::shared_ptr<Block> BlockPool::take(std::size_t size) {
  std::unique_ptr<Block> block;
  if (size <= kUsualSize) {
    const std::scoped_lock lock{shared_->mutex};
    shared_->idle.reserve(kMostIdle);
    if (!shared_->idle.empty()) {
      block = std::move(shared_->idle.back());
      shared_->idle.pop_back();
    }
  }
  if (block == nullptr) block = std::make_unique<Block>(std::max(size, kUsualSize));
  shared_->bytes_held.fetch_add(block->size, std::memory_order_relaxed);
  return {block.release(), [shared = shared_](Block* returned) {
            shared->put_back(std::unique_ptr<Block>{returned});
          }};
}

void BlockPool::Shared::put_back(std::unique_ptr<Block> block) noexcept {
  bytes_held.fetch_sub(block->size, std::memory_order_relaxed);
  if (block->size != kUsualSize) return;
  const std::scoped_lock lock{mutex};
  if (idle.size() < kMostIdle) idle.push_back(std::move(block));
}

}  // namespace ron::cli::tee
