// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "file_descriptor.hpp"

namespace ron::cli {

/// A flag that `poll` can wait for: its descriptor is readable while the flag is set.
/// Threads: any.
class Event {
 public:
  /// Throws std::system_error.
  Event();

  void set() noexcept;
  void clear() noexcept;
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

 private:
  FileDescriptor descriptor_;
};

}  // namespace ron::cli
