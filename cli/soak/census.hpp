// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace ron::cli::soak {

/// How many objects were constructed and destroyed.
struct Population {
  std::uint64_t constructed = 0;
  std::uint64_t destroyed = 0;

  /// Wraps below zero if more were destroyed than constructed.
  [[nodiscard]] std::uint64_t alive() const noexcept { return constructed - destroyed; }
};

/// A member that counts constructions and destructions of what it is a member of. Each thread
/// counts for itself.
class Counted {
 public:
  Counted() noexcept;
  Counted(const Counted& /*other*/) noexcept : Counted{} {}
  Counted& operator=(const Counted& /*other*/) noexcept = default;
  ~Counted();
};

/// All threads' counts together; exact while no thread constructs or destroys.
[[nodiscard]] Population census();

}  // namespace ron::cli::soak
