// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A bus of any message type behind one interface that speaks of numbers, so that the contract is
// stated once for all storages, and compiled once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <ronbus/config.hpp>
#include <ronbus/deadline.hpp>
#include <ronbus/error.hpp>
#include <ronbus/snapshot.hpp>
#include <ronbus/subscribe_options.hpp>
#include <ronbus/subscriber_info.hpp>

#include "payloads.hpp"

namespace ron::test {

enum class Storage : std::uint8_t {
  DenseWord,
  DenseStruct,
  PairedWord,  ///< where there are no atomic pairs, as CopiedStruct
  CopiedStruct,
  PinnedString,
  PinnedEvent,
  PinnedMoveOnly,
  SolePinnedString,  ///< one publisher promised, but the type rules the dense ring out
};
inline constexpr Storage kAllStorages[] = {
    Storage::DenseWord,    Storage::DenseStruct, Storage::PairedWord,     Storage::CopiedStruct,
    Storage::PinnedString, Storage::PinnedEvent, Storage::PinnedMoveOnly, Storage::SolePinnedString,
};
[[nodiscard]] std::string name_of(Storage storage);
/// Whether one publisher at a time is promised.
[[nodiscard]] bool is_sole(Storage storage);

inline constexpr BusMode kAllModes[] = {BusMode::Classic, BusMode::Batched, BusMode::Edge,
                                        BusMode::EdgeBatched};
/// As part of a test's name.
[[nodiscard]] std::string name_of(BusMode mode);

/// The ways to receive.
enum class Way : std::uint8_t {
  TryRecv,
  Recv,
  RecvFor,
  RecvUntil,
  TryRecvMany,
  RecvMany,
  TryVisit,
  Visit,
  Poll,
  TryBorrow,
  Borrow,
};
inline constexpr Way kAllWays[] = {
    Way::TryRecv,  Way::Recv,  Way::RecvFor, Way::RecvUntil, Way::TryRecvMany, Way::RecvMany,
    Way::TryVisit, Way::Visit, Way::Poll,    Way::TryBorrow, Way::Borrow,
};
[[nodiscard]] std::string name_of(Way way);
[[nodiscard]] bool can_wait(Way way);
[[nodiscard]] bool supports(Storage storage, Way way);

/// What one receive answered.
struct Got {
  enum Kind : std::uint8_t { Message, Empty, Lagged, Closed, Timeout, Stopped, Disconnected };
  Kind kind = Message;
  std::uint64_t value = 0;  ///< the message's number, or how many were missed

  [[nodiscard]] bool is_nothing() const {
    return kind == Empty || kind == Timeout || kind == Stopped;
  }
  [[nodiscard]] bool is_end() const { return kind == Closed || kind == Disconnected; }
  friend bool operator==(const Got&, const Got&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Got& got);
};
[[nodiscard]] Got got(RecvError error);
[[nodiscard]] inline Got message(Id id) { return {Got::Message, id}; }
[[nodiscard]] inline Got lagged(std::uint64_t missed) { return {Got::Lagged, missed}; }
inline constexpr Got kEmpty{Got::Empty, 0};
inline constexpr Got kClosed{Got::Closed, 0};
inline constexpr Got kTimeout{Got::Timeout, 0};
inline constexpr Got kStopped{Got::Stopped, 0};
inline constexpr Got kDisconnected{Got::Disconnected, 0};

/// What a publish that respects gating subscribers answered.
struct Sent {
  std::expected<std::size_t, PublishError> result;
  /// On an error: whether the message that was to be sent still has its value.
  bool kept = true;

  [[nodiscard]] bool failed_with(PublishError error) const {
    return !result && result.error() == error && kept;
  }
  friend std::ostream& operator<<(std::ostream& out, const Sent& sent);
};

class AnyHeld {
 public:
  virtual ~AnyHeld() = default;
  [[nodiscard]] virtual Id id() const = 0;
};

class AnySubscriber {
 public:
  virtual ~AnySubscriber() = default;
  /// One call that never waits; appends up to `limit` messages (1 for ways that give one), or an
  /// error.
  virtual void receive(Way way, std::size_t limit, std::vector<Got>& out) = 0;
  /// One message; waits for it.
  [[nodiscard]] virtual Got wait(Way way, const AnyDeadline& deadline,
                                 const std::stop_token& stop) = 0;
  /// The next message, kept in place; nullptr if there is none.
  [[nodiscard]] virtual std::unique_ptr<AnyHeld> hold() = 0;
  [[nodiscard]] virtual std::unique_ptr<AnySubscriber> resubscribe() const = 0;
  [[nodiscard]] virtual std::unique_ptr<AnySubscriber> fork() const = 0;
  [[nodiscard]] virtual std::uint64_t lag() const = 0;
  [[nodiscard]] virtual std::uint64_t next_sequence() const = 0;
  [[nodiscard]] virtual std::uint64_t received() const = 0;
  [[nodiscard]] virtual std::uint64_t filtered() const = 0;
  [[nodiscard]] virtual std::uint64_t missed() const = 0;
  [[nodiscard]] virtual std::size_t capacity() const = 0;
  [[nodiscard]] virtual bool is_gating() const = 0;
  [[nodiscard]] virtual std::string name() const = 0;

  [[nodiscard]] Got receive_one(Way way);
  /// Receives until there is nothing; that answer is not part of the result, the end is.
  [[nodiscard]] std::vector<Got> drain(Way way, std::size_t limit = 5);
};

/// What Bus and Publisher have in common.
class AnyOutlet {
 public:
  virtual ~AnyOutlet() = default;
  virtual std::size_t publish(Id id) = 0;
  virtual std::size_t emplace(Id id) = 0;
  virtual std::size_t publish_many(std::span<const Id> ids) = 0;
  [[nodiscard]] virtual Sent try_publish(Id id) = 0;
  [[nodiscard]] virtual Sent publish_wait(Id id, const AnyDeadline& deadline,
                                          const std::stop_token& stop) = 0;
  /// `result` is how many went through, from the front.
  [[nodiscard]] virtual Sent try_publish_many(std::span<const Id> ids) = 0;
  [[nodiscard]] virtual Sent publish_many_wait(std::span<const Id> ids, const AnyDeadline& deadline,
                                               const std::stop_token& stop) = 0;
  // Of a Publisher; a Bus stages nothing.
  virtual std::size_t flush() = 0;
  [[nodiscard]] virtual std::size_t staged() const = 0;
};

/// Which messages a subscriber wants; none said is all.
using Wanted = std::function<bool(Id)>;

class AnyBus : public AnyOutlet {
 public:
  [[nodiscard]] virtual std::expected<std::unique_ptr<AnyOutlet>, PublishError> publisher() = 0;
  [[nodiscard]] virtual std::unique_ptr<AnySubscriber> subscribe(const SubscribeOptions& options,
                                                                 const Wanted& wanted) = 0;
  [[nodiscard]] virtual std::expected<std::unique_ptr<AnySubscriber>, SubscribeError> subscribe_at(
      std::uint64_t sequence, const SubscribeOptions& options) = 0;
  [[nodiscard]] std::unique_ptr<AnySubscriber> subscribe(bool gating) {
    return subscribe({.gating = gating}, {});
  }
  [[nodiscard]] virtual std::vector<SubscriberInfo> subscribers() const = 0;
  [[nodiscard]] virtual BusSnapshot snapshot() const = 0;
  [[nodiscard]] virtual std::vector<Undrained> drain(const AnyDeadline& deadline,
                                                     const std::stop_token& stop) const = 0;
  [[nodiscard]] virtual std::unique_ptr<AnyBus> copy() const = 0;
  virtual void close() = 0;
  [[nodiscard]] virtual bool is_closed() const = 0;
  [[nodiscard]] virtual std::size_t capacity() const = 0;
  [[nodiscard]] virtual std::size_t requested_capacity() const = 0;
  [[nodiscard]] virtual std::size_t subscriber_count() const = 0;
  [[nodiscard]] virtual std::size_t publisher_count() const = 0;
  [[nodiscard]] virtual std::uint64_t published() const = 0;
  [[nodiscard]] virtual std::uint64_t refused() const = 0;
};

struct BusSpec {
  Storage storage = Storage::DenseWord;
  std::size_t capacity = 4;
  FencePolicy fence = FencePolicy::Auto;
  BusMode mode = BusMode::Classic;
  std::size_t flush_threshold = 64;
  MetricsCfg metrics = {};
  std::optional<std::size_t> yield_after = std::nullopt;  ///< epoch_yield with this burst
};
[[nodiscard]] std::unique_ptr<AnyBus> make_bus(const BusSpec& spec);

}  // namespace ron::test
