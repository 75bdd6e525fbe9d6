// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The systems of the runners, each instantiated in a file of its own.
#pragma once

#include "harness/serve.hpp"

namespace ron::bench {

[[nodiscard]] RunnableSystem ron_bus();
[[nodiscard]] RunnableSystem ron_bus_single();
[[nodiscard]] RunnableSystem floor_system();

[[nodiscard]] RunnableSystem mutex_condvar();
[[nodiscard]] RunnableSystem boost_lockfree();
[[nodiscard]] RunnableSystem concurrentqueue();
[[nodiscard]] RunnableSystem tbb_bounded_queue();
[[nodiscard]] RunnableSystem zeromq_inproc();

}  // namespace ron::bench
