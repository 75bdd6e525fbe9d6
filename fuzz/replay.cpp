// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The corpora without a fuzzer: everything that ever was a finding, or reached something new, goes
// through without one.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

// As one source, because most of the time to compile them goes into what they share.
#define LLVMFuzzerTestOneInput replay_calls
#include "calls.cpp"  // NOLINT(bugprone-suspicious-include)
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput replay_configuration
#include "configuration.cpp"  // NOLINT(bugprone-suspicious-include)
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput replay_tee_input
#include "tee_input.cpp"  // NOLINT(bugprone-suspicious-include)
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput replay_metrics_text
#include "metrics_text.cpp"  // NOLINT(bugprone-suspicious-include)

namespace ron::fuzz {
namespace {

void replay(const char* name, int (*target)(const std::uint8_t*, std::size_t)) {
  int count = 0;
  for (const auto& file :
       std::filesystem::directory_iterator{std::filesystem::path{RONBUS_CORPORA} / name}) {
    std::ifstream stream{file.path(), std::ios::binary};
    const std::vector<char> bytes{std::istreambuf_iterator<char>{stream}, {}};
    EXPECT_NO_THROW(target(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()))
        << file.path();
    ++count;
  }
  EXPECT_GT(count, 0);
}

TEST(Corpora, calls) { replay("calls", replay_calls); }
TEST(Corpora, configuration) { replay("configuration", replay_configuration); }
TEST(Corpora, metrics_text) { replay("metrics_text", replay_metrics_text); }
TEST(Corpora, tee_input) { replay("tee_input", replay_tee_input); }

}  // namespace
}  // namespace ron::fuzz
