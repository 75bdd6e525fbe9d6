// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "ronbus/shared_bytes.hpp"

#include "block_pool.hpp"

namespace ron::cli::tee {

/// Reads a descriptor in large blocks and hands out whole lines as views of them. Only a line that
/// goes beyond the end of a block is copied, into the next one.
class LineReader {
 public:
  /// Most bytes that one read asks for.
  static constexpr std::size_t kReadSize = std::size_t{64} << 10;

  struct Result {
    SharedBytes lines;   ///< all lines that are complete now; empty if none is
    bool ended = false;  ///< `lines` are the last ones, maybe without a newline at their end
    int error = 0;       ///< if reading ended for another reason than the end of input
  };

  LineReader(int descriptor, BlockPool& pool) : descriptor_{descriptor}, pool_{pool} {}

  /// Reads once. Throws std::bad_alloc if a line is too long for the memory there is.
  [[nodiscard]] Result read();

 private:
  void make_room();
  [[nodiscard]] SharedBytes take_until(std::size_t end);

  int descriptor_;
  BlockPool& pool_;
  std::shared_ptr<Block> block_;
  std::size_t begin_ = 0;   ///< of what was read and not handed out
  std::size_t filled_ = 0;  ///< end of what was read
};

}  // namespace ron::cli::tee
