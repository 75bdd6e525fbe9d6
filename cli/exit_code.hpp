// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

namespace ron::cli {

// What the program answers; the same for every subcommand.

inline constexpr int kSuccess = 0;
/// Something that was asked for could not be done, or a command of `tee` failed.
inline constexpr int kFailure = 1;
/// The command line or the environment is wrong; nothing was done.
inline constexpr int kUsage = 2;

}  // namespace ron::cli
