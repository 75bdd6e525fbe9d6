// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Workload `payloads`: one thread, in turns: 64 messages published, 64 received by value.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "ronbus/event.hpp"
#include "ronbus/shared_bytes.hpp"

#include "harness/consume.hpp"
#include "workloads/alone.hpp"

namespace ron::bench {

enum class PayloadKind : std::uint8_t { U64, Bytes64, Bytes1024, Event, Shared64k };

struct PayloadsRequest {
  Conditions conditions;
  PayloadKind kind;
  Shape shape;

  explicit PayloadsRequest(Words& words) : conditions{take_conditions(words)} {
    kind = PayloadKind{static_cast<std::uint8_t>(
        words.choice("payload", {"u64", "bytes64", "bytes1024", "event", "shared64k"}))};
    shape.capacity = take_capacity(words);
    words.done();
  }
};

template <std::size_t kSize>
struct Bytes {
  Number number = 0;
  std::array<std::byte, kSize - sizeof(Number)> rest{};
};

/// How messages of a type are made, and recognised when they arrive.
template <class T>
struct Payload;

template <>
struct Payload<Number> {
  Number message = 0;
  void number(Number number) noexcept { message = number; }
  [[nodiscard]] bool is(const Number& received, Number number) const noexcept {
    return received == number;
  }
};

template <std::size_t kSize>
struct Payload<Bytes<kSize>> {
  Bytes<kSize> message;
  void number(Number number) noexcept { message.number = number; }
  [[nodiscard]] bool is(const Bytes<kSize>& received, Number number) const noexcept {
    return received.number == number;
  }
};

template <>
struct Payload<KernelEvent> {
  static constexpr std::size_t kService = 24;
  static constexpr std::size_t kReason = 40;
  KernelEvent message = ServiceCrashed{std::string(kService, 's'), std::string(kReason, 'r')};
  void number(Number /*number*/) const noexcept {}
  [[nodiscard]] bool is(const KernelEvent& received, Number /*number*/) const noexcept {
    const auto* const crash = std::get_if<ServiceCrashed>(&received);
    return crash != nullptr && crash->service.size() == kService && crash->service.back() == 's' &&
           crash->reason.size() == kReason && crash->reason.back() == 'r';
  }
};

template <>
struct Payload<SharedBytes> {
  static constexpr std::size_t kSize = std::size_t{64} * 1024;
  SharedBytes message = SharedBytes::copy_of(std::string(kSize, 'b'));
  void number(Number /*number*/) const noexcept {}
  [[nodiscard]] bool is(const SharedBytes& received, Number /*number*/) const noexcept {
    return received.bytes().data() == message.bytes().data() && received.size() == kSize;
  }
};

template <template <class, Loss> class S, class T>
Metrics payload(const PayloadsRequest& request) {
  using System = S<T, Loss::Lossy>;
  constexpr std::uint64_t kTurn = 64;
  if (request.shape.capacity < kTurn) throw Unsupported{"a turn is 64 messages"};
  System system{request.shape};
  auto receiver = system.subscribe();
  auto sender = system.sender();
  Payload<T> payload;
  Stopwatch published;
  Stopwatch received;
  Number sent = 0;
  Number seen = 0;
  bool right = true;
  repeat(request.conditions, [&] {
    published.time(kTurn, [&] {
      for (std::uint64_t i = 0; i < kTurn; ++i) {
        payload.number(++sent);
        sender.send(payload.message);
      }
    });
    received.time(kTurn, [&] {
      for (std::uint64_t i = 0; i < kTurn; ++i) {
        const Receipt receipt =
            receiver.try_receive([&](const T& message) { right &= payload.is(message, ++seen); });
        right &= receipt.told == Told::Messages;
      }
    });
    check(right && seen == sent, "a message is missing or was not the one that was due");
  });
  return {{"ns_per_publish", published.nanoseconds_each()},
          {"ns_per_receive", received.nanoseconds_each()}};
}

/// For systems that carry nothing but bytes, those payloads that are bytes.
template <template <class, Loss> class S>
Metrics payloads(const PayloadsRequest& request) {
  switch (request.kind) {
    case PayloadKind::U64:
      return payload<S, Number>(request);
    case PayloadKind::Bytes64:
      return payload<S, Bytes<64>>(request);
    case PayloadKind::Bytes1024:
      return payload<S, Bytes<1024>>(request);
    case PayloadKind::Event:
      if constexpr (requires { typename S<KernelEvent, Loss::Lossy>::Sender; }) {
        return payload<S, KernelEvent>(request);
      }
      break;
    case PayloadKind::Shared64k:
      if constexpr (requires { typename S<SharedBytes, Loss::Lossy>::Sender; }) {
        return payload<S, SharedBytes>(request);
      }
      break;
  }
  throw Unsupported{"it carries plain bytes, no objects"};
}

}  // namespace ron::bench
