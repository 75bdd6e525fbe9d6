// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <vector>

#include <sys/types.h>

namespace ron::cli::bench {

/// How much of the processors others used while this object lives: everything but this process,
/// its children, and the process groups it is told. What a hypervisor gave to other machines
/// counts as used by others.
class ProcessorUse {
 public:
  explicit ProcessorUse(const std::vector<pid_t>& groups);

  /// As a share of all processors. 0 if unknown. A group of the beginning that has ended since
  /// must have been waited for.
  [[nodiscard]] double share_of_others(const std::vector<pid_t>& groups) const;

 private:
  double begin_seconds_;
  double begin_others_;
};

}  // namespace ron::cli::bench
