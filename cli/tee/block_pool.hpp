// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace ron::cli::tee {

/// Memory that input is read into. Whoever holds it keeps it.
struct Block {
  explicit Block(std::size_t bytes)
      : size{bytes}, data{std::make_unique_for_overwrite<char[]>(bytes)} {}

  std::size_t size;
  std::unique_ptr<char[]> data;
};

/// Hands out blocks and uses those again that nobody holds any more, so that steady reading neither
/// allocates nor touches fresh pages. Blocks may outlive their pool.
///
/// Threads: one takes; any may drop blocks.
class BlockPool {
 public:
  static constexpr std::size_t kUsualSize = std::size_t{1} << 20;

  /// A block of at least `size` bytes, and at least the usual size. Throws std::bad_alloc.
  [[nodiscard]] std::shared_ptr<Block> take(std::size_t size);

  /// Bytes of all blocks that somebody holds.
  [[nodiscard]] std::size_t bytes_held() const noexcept {
    return shared_->bytes_held.load(std::memory_order_relaxed);
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::vector<std::unique_ptr<Block>> idle;
    std::atomic<std::size_t> bytes_held{0};

    void put_back(std::unique_ptr<Block> block) noexcept;
  };

  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace ron::cli::tee
