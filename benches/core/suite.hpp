// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "harness/command_line.hpp"
#include "harness/rounds.hpp"

namespace ron::bench {

/// What each operation costs on one thread.
[[nodiscard]] Suite core_suite(const Options& options);

}  // namespace ron::bench
