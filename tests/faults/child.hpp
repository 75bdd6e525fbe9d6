// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Child processes of tests.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ron::test {

/// Ends a process that hangs.
inline constexpr unsigned kChildSeconds = 60;

/// Runs `body` in a child process. Returns 0 if it returned and all it expected was so; else what
/// waitpid says.
template <class Body>
int in_child(const Body& body) {
  std::fflush(nullptr);
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::alarm(kChildSeconds);
    body();
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return -1;
  return status;
}

/// Goes on as a new run of this program, with other tests.
[[noreturn]] inline void run_again(const char* tests) {
  const std::string filter = std::string{"--gtest_filter="} + tests;
  ::unsetenv("GTEST_OUTPUT");  // which belongs to this run
  ::execl("/proc/self/exe", "faults", filter.c_str(), "--gtest_brief=1",
          static_cast<const char*>(nullptr));
  std::_Exit(4);
}

}  // namespace ron::test
