// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/error.hpp"

namespace ron {

std::string_view to_string(RecvError::Kind kind) noexcept {
  switch (kind) {
    case RecvError::Empty:
      return "empty";
    case RecvError::Lagged:
      return "lagged";
    case RecvError::Closed:
      return "closed";
    case RecvError::Timeout:
      return "timeout";
    case RecvError::Stopped:
      return "stopped";
    case RecvError::Disconnected:
      return "disconnected";
  }
  return "unknown";
}

std::string_view to_string(PublishError error) noexcept {
  switch (error) {
    case PublishError::Closed:
      return "closed";
    case PublishError::Full:
      return "full";
    case PublishError::Timeout:
      return "timeout";
    case PublishError::Stopped:
      return "stopped";
    case PublishError::Busy:
      return "busy";
    case PublishError::OutOfMemory:
      return "out of memory";
  }
  return "unknown";
}

std::string_view to_string(WaitError error) noexcept {
  switch (error) {
    case WaitError::Closed:
      return "closed";
    case WaitError::Timeout:
      return "timeout";
    case WaitError::Stopped:
      return "stopped";
  }
  return "unknown";
}

std::string RecvError::message() const {
  std::string text{to_string(kind_)};
  if (kind_ == Lagged) text += " (missed " + std::to_string(missed_) + ')';
  return text;
}

std::string SubscribeError::message() const {
  const std::string text = "sequence " + std::to_string(asked);
  if (kind == TooOld) return text + " is overwritten; the oldest is " + std::to_string(oldest);
  return text + " is beyond the next message, " + std::to_string(next);
}

std::string BuildError::message() const {
  return knob + '=' + (value.empty() ? "(empty)" : value) + " from the " + source +
         " is not usable; allowed: " + allowed;
}

}  // namespace ron
