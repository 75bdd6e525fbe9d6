// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "ronbus/kernel/sequence.hpp"
#include "ronbus/sync/attention.hpp"

namespace ron::kernel {

/// How writers ask for publishes to be measured: about once in so many messages of their ring, at
/// one of the rare moments at which they have something else to do than to publish.
class Sampling {
 public:
  /// `every` 0: never.
  explicit Sampling(Sequence every) noexcept : every_{every} {}

  /// For a writer at `position` that was not here for about `step` messages: whoever publishes next
  /// finds kSample raised, if it is time.
  void at(Sequence position, Sequence step, sync::Attention& attention) const noexcept {
    if (every_ == 0 || position % every_ >= step) return;
    attention.raise(sync::Attention::kSample);
  }

  [[nodiscard]] bool is_on() const noexcept { return every_ != 0; }
  /// Messages until it is time, for a writer that chooses its moments. Only if it is on.
  [[nodiscard]] Sequence left(Sequence position) const noexcept {
    return every_ - position % every_;
  }

 private:
  Sequence every_;
};

}  // namespace ron::kernel
