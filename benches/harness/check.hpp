// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Answers are verified; a wrong one ends the run.
#pragma once

#include <stdexcept>
#include <string>

namespace ron::bench {

class WrongAnswer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A system that has no such thing. The text says why.
class Unsupported : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void check(bool holds, const char* what) {
  if (!holds) throw WrongAnswer{what};
}

}  // namespace ron::bench
