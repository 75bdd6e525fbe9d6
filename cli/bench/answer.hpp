// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What runners say, see the protocol in docs/BENCHMARKS.md.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ron::cli::bench {

struct OfferedSystem {
  std::string name;
  std::string label;
  std::string version;
  std::vector<std::string> workloads;
};

struct Offer {
  std::string runner;
  std::vector<OfferedSystem> systems;
};

struct Value {
  std::string metric;
  double value;
};
using Values = std::vector<Value>;

/// The system has no such thing.
struct Unsupported {
  std::string reason;
};

/// What was delivered was not what was published, or the runner did not understand.
struct Wrong {
  std::string reason;
};

using Answer = std::variant<Values, Unsupported, Wrong>;

// Of nonsense they say what is wrong with it.

[[nodiscard]] std::expected<Offer, std::string> read_offer(std::string_view line);
[[nodiscard]] std::expected<Answer, std::string> read_answer(std::string_view line);

}  // namespace ron::cli::bench
