// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/serve.hpp"

namespace ron::bench {

/// What main does in every runner. A runner takes no arguments.
[[nodiscard]] int run_runner(const std::string& program, const std::string& runner, int argc,
                             const std::vector<RunnableSystem>& systems);

}  // namespace ron::bench
