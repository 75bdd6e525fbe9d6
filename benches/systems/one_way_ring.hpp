// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ronbus/sync/cache_line.hpp"

#include "systems/pause.hpp"

namespace ron::bench {

/// The floor of one thread sending numbers to one other: a ring of which each side owns one index
/// and looks at the other's only when its copy of it says full or empty.
class OneWayRing {
 public:
  using Value = std::uint64_t;

  // Sender.

  void send(Value value) noexcept { send_many({&value, 1}); }

  void send_many(std::span<const Value> values) noexcept {
    while (!values.empty()) {
      for (Pause pause; tail_.mine - tail_.others == kCapacity; pause()) {
        tail_.others = head_.index.load(std::memory_order_acquire);
      }
      const std::size_t room = kCapacity - (tail_.mine - tail_.others);
      const std::size_t count = std::min(room, values.size());
      for (std::size_t i = 0; i < count; ++i) ring_[(tail_.mine + i) % kCapacity] = values[i];
      tail_.mine += count;
      tail_.index.store(tail_.mine, std::memory_order_release);
      values = values.subspan(count);
    }
  }

  void finish() noexcept { finished_.store(true, std::memory_order_release); }

  // Receiver.

  /// False at the end.
  [[nodiscard]] bool receive(Value& value) noexcept { return receive_many({&value, 1}) == 1; }

  /// 0 at the end.
  [[nodiscard]] std::size_t receive_many(std::span<Value> out) noexcept {
    for (Pause pause; head_.mine == head_.others; pause()) {
      const bool finished = finished_.load(std::memory_order_acquire);
      head_.others = tail_.index.load(std::memory_order_acquire);
      if (finished && head_.mine == head_.others) return 0;
    }
    const std::size_t count = std::min<std::size_t>(head_.others - head_.mine, out.size());
    for (std::size_t i = 0; i < count; ++i) out[i] = ring_[(head_.mine + i) % kCapacity];
    head_.mine += count;
    head_.index.store(head_.mine, std::memory_order_release);
    return count;
  }

 private:
  static constexpr std::size_t kCapacity = 1024;

  /// What the other side reads, and on another line what this side alone uses.
  // The padding is the purpose.
  struct alignas(sync::kCacheLine) Side {  // NOLINT(clang-analyzer-optin.performance.Padding)
    std::atomic<std::size_t> index{0};
    alignas(sync::kCacheLine) std::size_t mine = 0;
    std::size_t others = 0;
  };

  Side tail_;
  Side head_;
  alignas(sync::kCacheLine) std::atomic<bool> finished_{false};
  alignas(sync::kCacheLine) std::array<Value, kCapacity> ring_{};
};

}  // namespace ron::bench
