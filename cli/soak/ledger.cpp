// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ledger.hpp"

#include <fmt/format.h>

namespace ron::cli::soak {

void Ledger::note_fault(Stamp stamp) {
  ++received_;
  if (!fault_.empty()) return;
  const std::size_t owner = owner_of(stamp);
  if (stamp == kGarbled) {
    fault_ = "received a message whose content was never published";
  } else if (owner >= last_.size()) {
    fault_ = fmt::format("received {:#018x}, which nobody published", stamp);
  } else {
    fault_ = fmt::format("received message {} of publisher {} after its message {}",
                         number_of(stamp), owner, last_[owner]);
  }
}

}  // namespace ron::cli::soak
