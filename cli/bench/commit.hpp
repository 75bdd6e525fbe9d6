// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

namespace ron::cli::bench {

/// Which commit this program was built from, with "-dirty" behind it if there were changes; empty
/// outside a clone.
extern const char* const kCommit;

}  // namespace ron::cli::bench
