// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/result.hpp"

namespace ron::bench {

/// How much the rest of the machine was at work while this object lived.
class OthersAtWork {
 public:
  OthersAtWork();

  /// Cores that were busy with something else than this process, on average. 0 if unknown.
  [[nodiscard]] double cores() const;

 private:
  double begin_seconds_;
  double begin_others_;
};

/// What a reader of the results should know before trusting them; one line each.
[[nodiscard]] std::vector<std::string> notes_on_noise(const std::vector<Result>& results,
                                                      const OthersAtWork& others);

}  // namespace ron::bench
