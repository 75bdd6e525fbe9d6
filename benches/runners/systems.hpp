// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The systems of the runners, each instantiated in a file of its own.
#pragma once

#include "harness/serve.hpp"

namespace ron::bench {

[[nodiscard]] RunnableSystem ron_bus();
[[nodiscard]] RunnableSystem ron_bus_single();

}  // namespace ron::bench
