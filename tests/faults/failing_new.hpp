// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Replaces every allocation function of the program: one of the allocations of a thread can be told
// to fail, and what is allocated is counted.
#pragma once

#include <cstddef>
#include <new>

namespace ron::test {

/// Lets allocations of this thread fail as long as it lives.
class FailingNew {
 public:
  enum class Which : bool { Only, FromThere };

  /// The `nth` one, counted from 0, and perhaps all behind it.
  FailingNew(unsigned nth, Which which) noexcept;
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;
  ~FailingNew();

  /// Whether one has failed.
  [[nodiscard]] static bool has_failed() noexcept;
  /// What all threads have allocated and not freed.
  [[nodiscard]] static std::ptrdiff_t live() noexcept;
};

}  // namespace ron::test
