// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The hot paths that are counted, a file a group, and what they have in common.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "ronbus/builder.hpp"
#include "ronbus/event.hpp"
#include "ronbus/shared_bytes.hpp"

#include "core/numbered.hpp"
#include "instructions/counter.hpp"

namespace ron::bench::instructions {

inline constexpr std::size_t kCapacity = 1024;
inline constexpr std::size_t kBatch = 64;

/// What a path is counted with: messages, and how they are stored. Membarrier is asked for rather
/// than left to the machine, so that no other path is counted unnoticed.
struct Single {
  using Message = std::uint64_t;
  static constexpr std::string_view kName = "single";
  static BusBuilder builder() { return common().single_publisher(); }
  static Message message(std::uint64_t number) { return number; }

  static BusBuilder common() {
    return BusBuilder{}
        .cap(kCapacity)
        .fence(FencePolicy::Membarrier)
        .environment([](std::string_view) { return std::nullopt; });
  }
};
struct Shared {
  using Message = std::uint64_t;
  static constexpr std::string_view kName = "shared";
  static BusBuilder builder() { return Single::common(); }
  static Message message(std::uint64_t number) { return number; }
};
struct Event {
  using Message = KernelEvent;
  static constexpr std::string_view kName = "event";
  static BusBuilder builder() { return Single::common(); }
  static Message message(std::uint64_t number) { return ConfigUpdated{number}; }
};
struct Bytes {
  using Message = SharedBytes;
  static constexpr std::string_view kName = "bytes";
  static BusBuilder builder() { return Single::common(); }
  static Message message(std::uint64_t) {
    static const SharedBytes bytes = SharedBytes::copy_of("what every message shares");
    return bytes;
  }
};

/// A bus with one publisher and one subscriber.
template <class Kind>
class Scene {
 public:
  using Message = typename Kind::Message;

  explicit Scene(const SubscribeOptions& options = {}) : subscriber{bus.subscribe(options)} {}

  void fill() {
    for (std::size_t i = 0; i < kCapacity; ++i) publisher.publish(Kind::message(i));
  }
  void drain() {
    while (subscriber.try_visit([](const Message&) {})) {
    }
  }
  void check_published(std::uint64_t count) const {
    check(bus.published() == count && bus.refused() == 0, "publishes are missing");
  }
  void check_received(std::uint64_t count) const {
    check(subscriber.received() == count && subscriber.missed() == 0, "messages are missing");
  }

  Bus<Message> bus = core::build<Message>(Kind::builder());
  Publisher<Message> publisher = core::publisher_of(bus);
  Subscriber<Message> subscriber;
};

/// Times a counted operation is called.
inline constexpr std::uint64_t kCalls = Counter::kRounds + 1;

template <class Kind>
[[nodiscard]] std::string named(std::string_view path) {
  return std::string{path} + '_' + std::string{Kind::kName};
}

void count_loops(Counter& counter);
void count_publish(Counter& counter);
void count_gated_publish(Counter& counter);
void count_receive(Counter& counter);
void count_gated_receive(Counter& counter);

}  // namespace ron::bench::instructions
