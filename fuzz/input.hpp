// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Takes what a fuzzer gives apart.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace ron::fuzz {

/// Bytes that are taken from the front; when none are left, zeros.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_{data, size} {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  /// From 0 to `most`, of one byte.
  [[nodiscard]] unsigned up_to(unsigned most) { return byte() % (most + 1); }
  [[nodiscard]] bool flag() { return (byte() & 1) != 0; }
  [[nodiscard]] std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned count = up_to(8); count > 0; --count) value = value << 8 | byte();
    return value;
  }
  /// Text up to a byte 0.
  [[nodiscard]] std::string text() {
    const auto end = std::ranges::find(rest_, 0);
    std::string result(rest_.begin(), end);
    rest_ = rest_.subspan(std::min(rest_.size(), result.size() + 1));
    return result;
  }
  /// All that is left, cut at each byte 0.
  [[nodiscard]] std::vector<std::string> texts() {
    std::vector<std::string> all;
    while (!empty()) all.push_back(text());
    return all;
  }

 private:
  std::span<const std::uint8_t> rest_;
};

/// A finding if it does not hold.
inline void require(bool holds,
                    const std::source_location& where = std::source_location::current()) {
  if (holds) return;
  throw std::logic_error{std::string{where.file_name()} + ":" + std::to_string(where.line())};
}

}  // namespace ron::fuzz
