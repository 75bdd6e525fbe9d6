// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace ron::cli::bench {

/// The executables named runner_* of the folder `given`, or of the first that exists: the one that
/// the environment variable `RONBUS_RUNNERS` names, benches/ beside the program, and
/// lib/ronbus/benches/ of the prefix it is installed in. Sorted. Or one line that says where there
/// is none.
[[nodiscard]] std::expected<std::vector<std::filesystem::path>, std::string> find_runners(
    const std::string& given);

}  // namespace ron::cli::bench
