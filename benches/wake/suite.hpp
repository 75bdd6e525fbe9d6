// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "harness/command_line.hpp"
#include "harness/rounds.hpp"

namespace ron::bench {

/// Sleeping and waking: what sleepers cost a publisher, how late they see a message, and how often
/// they are woken.
[[nodiscard]] Suite wake_suite(const Options& options);

}  // namespace ron::bench
