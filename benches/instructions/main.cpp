// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Runs every hot path a fixed number of times for callgrind to count, and writes on the standard
// output, as JSON, what was done under which name. Without callgrind it only verifies.
#include <cstdio>
#include <exception>
#include <future>
#include <string>

#include <fmt/core.h>
#include <gnu/libc-version.h>
#include <nlohmann/json.hpp>

#include "instructions/paths.hpp"

namespace ron::bench::instructions {
namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

std::string run() {
  Counter counter;
  count_loops(counter);
  count_publish(counter);
  count_gated_publish(counter);
  count_receive(counter);
  count_gated_receive(counter);

  const auto bus = core::build<std::uint64_t>(Shared::builder());
  nlohmann::ordered_json report{{"compiler", kCompiler},
                                {"libc", std::string{"glibc "} + gnu_get_libc_version()},
                                {"fence", to_string(bus.config().fence.value)},
                                {"counted", nlohmann::ordered_json::array()}};
  for (const Counted& counted : counter.counted()) {
    report["counted"].push_back({{"name", counted.name},
                                 {"rounds", counted.rounds},
                                 {"iterations", counted.iterations},
                                 {"messages", counted.messages}});
  }
  return report.dump(2);
}

}  // namespace
}  // namespace ron::bench::instructions

int main() {
  try {
    // On a second thread: the standard library counts references to shared buffers without atomic
    // operations as long as there was only one.
    fmt::print("{}\n", std::async(std::launch::async, ron::bench::instructions::run).get());
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "ronbus_instructions: {}\n", failure.what());
    return 1;
  }
}
