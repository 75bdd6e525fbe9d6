// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Everything that can go wrong, as values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ron {

/// Why a receive gave no message. A small value; compare it with the kinds:
///
///     if (event.error() == RecvError::Closed) return;
///     if (event.error() == RecvError::Lagged) note(event.error().missed());
class [[nodiscard]] RecvError {
 public:
  enum Kind : std::uint8_t {
    Empty,    ///< nothing to receive now (try_ functions only)
    Lagged,   ///< messages were overwritten before this subscriber read them; see missed()
    Closed,   ///< the bus is closed and everything retained has been read; stays so for ever
    Timeout,  ///< the deadline passed first
    Stopped,  ///< the stop token was asked to stop first
    /// the subscriber was overrun and had asked to be disconnected then; stays so for ever
    Disconnected,
  };

  // Implicit: a kind is an error.
  constexpr RecvError(Kind kind) noexcept : kind_{kind} {}  // NOLINT(google-explicit-constructor)
  static constexpr RecvError lagged(std::uint64_t missed) noexcept {
    RecvError error{Lagged};
    error.missed_ = missed;
    return error;
  }

  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  /// Exactly how many messages this subscriber missed; 0 unless Lagged.
  [[nodiscard]] constexpr std::uint64_t missed() const noexcept { return missed_; }
  /// True if this subscriber will never receive anything any more: Closed or Disconnected.
  [[nodiscard]] constexpr bool is_end() const noexcept {
    return kind_ == Closed || kind_ == Disconnected;
  }
  [[nodiscard]] std::string message() const;

  friend constexpr bool operator==(const RecvError&, const RecvError&) noexcept = default;
  friend constexpr bool operator==(const RecvError& error, Kind kind) noexcept {
    return error.kind_ == kind;
  }

 private:
  Kind kind_;
  std::uint64_t missed_ = 0;
};

/// Why a subscriber cannot start at the sequence that was asked for.
struct [[nodiscard]] SubscribeError {
  enum Kind : std::uint8_t {
    TooOld,  ///< that message has been overwritten; `oldest` is the first that has not
    TooNew,  ///< it lies beyond the next message, which is `next`
  };

  Kind kind = TooOld;
  std::uint64_t asked = 0;
  // The range in which a start was possible then.
  std::uint64_t oldest = 0;
  std::uint64_t next = 0;

  [[nodiscard]] std::string message() const;

  friend constexpr bool operator==(const SubscribeError&, const SubscribeError&) noexcept = default;
};

/// Why a message was not published.
enum class PublishError : std::uint8_t {
  Closed,       ///< the bus is closed, or this handle is empty
  Full,         ///< publishing would overrun a gating subscriber
  Timeout,      ///< it would still when the deadline passed
  Stopped,      ///< it would still when the stop token was asked to stop
  Busy,         ///< somebody else is publishing on a bus that promised a single publisher
  OutOfMemory,  ///< there is no memory for one more message or publisher
};

/// Why a wait for anything but a message ended before it came.
enum class WaitError : std::uint8_t {
  Closed,   ///< the bus is closed, or nothing is left that could be waited for
  Timeout,  ///< the deadline passed first
  Stopped,  ///< the stop token was asked to stop first
};

[[nodiscard]] std::string_view to_string(RecvError::Kind kind) noexcept;
[[nodiscard]] std::string_view to_string(PublishError error) noexcept;
[[nodiscard]] std::string_view to_string(WaitError error) noexcept;

/// A configuration that cannot be used: which knob, what was found, where, and what is allowed.
struct BuildError {
  std::string knob;     ///< name of the builder function or environment variable
  std::string value;    ///< as found
  std::string source;   ///< "builder" or "environment"
  std::string allowed;  ///< what would have been accepted

  /// One line for people.
  [[nodiscard]] std::string message() const;
};

}  // namespace ron
