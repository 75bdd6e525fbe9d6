// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace ron {

/// A view of bytes in a shared immutable buffer: the payload for data that is large or of variable
/// size. Copying it, as a receive does, copies no bytes; the buffer lives until its last view is
/// gone.
///
/// Threads: as shared_ptr. Allocation: `copy_of` only.
class SharedBytes {
 public:
  SharedBytes() = default;

  /// The whole of `bytes`, owned by `owner`. Nobody may change them from now on.
  SharedBytes(std::shared_ptr<const void> owner, std::span<const std::byte> bytes) noexcept
      : owner_{std::move(owner)}, bytes_{bytes} {}

  [[nodiscard]] static SharedBytes copy_of(std::string_view text) {
    std::shared_ptr<std::byte[]> buffer = std::make_shared_for_overwrite<std::byte[]>(text.size());
    if (!text.empty()) std::memcpy(buffer.get(), text.data(), text.size());
    const std::span<const std::byte> bytes{buffer.get(), text.size()};
    return {std::move(buffer), bytes};
  }

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

  /// A view of a part, sharing the buffer. `offset + count` must not exceed `size`.
  [[nodiscard]] SharedBytes part(std::size_t offset, std::size_t count) const noexcept {
    return {owner_, bytes_.subspan(offset, count)};
  }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const std::byte> bytes_;
};

}  // namespace ron
