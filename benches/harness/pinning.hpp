// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>

namespace ron::bench {

/// Ties the calling thread to one of the cores that this process may use: the one numbered
/// `index` modulo their number. Throws std::system_error if the system refuses.
void pin_this_thread(std::size_t index);

}  // namespace ron::bench
