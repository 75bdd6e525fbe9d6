// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the models of all rings share: what is published, and the accounts that must come out right.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ronbus/kernel/sequence.hpp"

#include "model.hpp"

namespace models {

using ron::kernel::ReadStatus;
using ron::kernel::Sequence;

/// Of all rings.
constexpr std::size_t kCapacity = 2;

/// Message number `number` of a publisher, both from 0.
constexpr std::uint64_t message_of(unsigned publisher, unsigned number) {
  return publisher * 8 + number + 1;
}

/// A message that is torn or of another position shows it.
struct Twice {
  explicit Twice(std::uint64_t message) : message{message}, complement{~message} {}
  std::uint64_t message;
  std::uint64_t complement;
};

/// A message with a lifetime: touching it outside of that is found.
class Living {
 public:
  explicit Living(std::uint64_t message) { message_(RL_INFO) = message; }
  Living(const Living&) = delete;
  Living& operator=(const Living&) = delete;
  ~Living() { message_(RL_INFO) = 0; }

  [[nodiscard]] std::uint64_t message() const {
    const std::uint64_t before = message_(RL_INFO);
    take_time();
    const std::uint64_t after = message_(RL_INFO);
    RL_ASSERT(before == after);
    return after;
  }

 private:
  rl::var<std::uint64_t> message_;
};

inline std::uint64_t contents(std::uint64_t message) { return message; }
inline std::uint64_t contents(const Twice& message) {
  RL_ASSERT(message.complement == ~message.message);
  return message.message;
}
inline std::uint64_t contents(const Living& message) { return message.message(); }

/// The total order as all readers together have seen it.
class Order {
 public:
  /// Before a message is published.
  void begin() { ++begun_; }
  [[nodiscard]] std::uint64_t begun() const { return begun_; }

  void note(Sequence sequence, std::uint64_t message) {
    RL_ASSERT(message != 0);
    RL_ASSERT(sequence < messages_.size());
    std::uint64_t& known = messages_[sequence];
    RL_ASSERT(known == 0 || known == message);
    known = message;
  }

  /// Nothing twice, and each publisher's messages in their order.
  void check() const {
    std::array<std::uint64_t, 4> last{};
    for (const std::uint64_t message : messages_) {
      if (message == 0) continue;
      std::uint64_t& before = last[(message - 1) / 8];
      RL_ASSERT(message > before);
      before = message;
    }
  }

 private:
  std::array<std::uint64_t, 16> messages_{};
  std::uint64_t begun_ = 0;
};

/// Messages that are read in one go.
constexpr std::size_t kBatch = 3;
template <class Message>
std::array<Message, kBatch> no_messages() {
  return {Message{0}, Message{0}, Message{0}};
}

/// Receives and counts, as a subscriber does.
class Account {
 public:
  explicit Account(Order& order) : order_{order} {}

  template <class Reader>
  ReadStatus read(Reader& reader) {
    const Sequence cursor = reader.cursor();
    const ReadStatus status =
        reader.read([&](const auto& message) { order_.note(cursor, contents(message)); });
    if (status == ReadStatus::Ready) ++received_;
    if (status == ReadStatus::Lagged) {
      const std::uint64_t missed = reader.skip_to_oldest();
      RL_ASSERT(missed > 0);
      missed_ += missed;
      RL_ASSERT(reader.cursor() + kCapacity <= order_.begun());
    }
    RL_ASSERT(received_ + missed_ == reader.cursor());
    return status;
  }

  /// The same for a batch.
  template <class Message, class Reader>
  ReadStatus read_many(Reader& reader) {
    std::array<Message, kBatch> batch = no_messages<Message>();
    const Sequence cursor = reader.cursor();
    ReadStatus status = ReadStatus::Ready;
    const std::size_t count = reader.read_many(batch.data(), kBatch, status);
    for (std::size_t i = 0; i < count; ++i) order_.note(cursor + i, contents(batch[i]));
    received_ += count;
    if (status == ReadStatus::Lagged) return read(reader);
    RL_ASSERT(received_ + missed_ == reader.cursor());
    return status;
  }

  /// Everything that is left; with nobody publishing meanwhile. Returns what ended it.
  template <class Reader>
  ReadStatus drain(Reader& reader) {
    for (;;) {
      const ReadStatus status = read(reader);
      if (status == ReadStatus::Empty || status == ReadStatus::Closed) return status;
    }
  }

  /// At the end: all of the order was received or missed, and missed only what had to be.
  template <class Ring, class Reader>
  void settle(Ring& ring, Reader& reader, ReadStatus expected) {
    const Sequence cursor = reader.cursor();
    const Sequence tail = ring.tail();
    const std::uint64_t missed_before = missed_;
    RL_ASSERT(drain(reader) == expected);
    RL_ASSERT(reader.cursor() == tail);
    const Sequence retained = tail > ring.capacity() ? tail - ring.capacity() : 0;
    RL_ASSERT(missed_ - missed_before == (cursor < retained ? retained - cursor : 0));
    order_.check();
  }

 private:
  Order& order_;
  std::uint64_t received_ = 0;
  std::uint64_t missed_ = 0;
};

}  // namespace models
