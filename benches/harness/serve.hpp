// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The runner's side of the protocol in docs/BENCHMARKS.md: requests in, a line each; answers out,
// a JSON object each.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "harness/words.hpp"

namespace ron::bench {

using Metrics = std::vector<std::pair<std::string, double>>;

/// A workload as one system runs it. `run` takes the words it knows and calls Words::done() before
/// it begins. It throws BadRequest, Unsupported, or anything else for a wrong answer.
struct Runnable {
  std::string workload;
  std::function<Metrics(Words&)> run;
};

struct RunnableSystem {
  std::string name;
  std::string label;
  std::string version;
  std::vector<Runnable> workloads;
};

/// The answer to one line; empty if it asks to quit.
[[nodiscard]] std::string answer(const std::string& runner,
                                 const std::vector<RunnableSystem>& systems,
                                 const std::string& line);

/// Answers until `in` ends or asks to quit.
void serve(const std::string& runner, const std::vector<RunnableSystem>& systems, std::istream& in,
           std::ostream& out);

}  // namespace ron::bench
